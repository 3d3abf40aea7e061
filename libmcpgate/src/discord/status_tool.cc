#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "discord/tool_parts.h"
#include "discord/tools.h"
#include "mcpgate/version.h"

namespace mcpgate {
namespace {

constexpr Nanos kPatience = std::chrono::seconds(2);
constexpr Nanos kFresh = std::chrono::seconds(10);

constexpr char kDescription[] =
    "Tells whether this server works: its version and uptime, whether its store and Discord can be reached, "
    "and what "
    "is left of your own limits. Ask it when other tools fail.";

/// Reachability
///
/// What Discord said when it was asked last. One caller asks at a time; the others get the answer before.
/// Safe for concurrent use.
class Reachability {
 public:
  Reachability(std::shared_ptr<Discord> discord, const Clock& clock)
      : discord_(std::move(discord)), clock_(clock) {}

  Json Look(std::stop_token stop) {
    if (Due()) Ask(std::move(stop));
    MutexLock lock(mutex_);
    if (!last_.has_value())
      return {{"ok", false}, {"problem", "being asked right now; look again in a moment"}};
    return *last_;
  }

 private:
  bool Due() {
    MutexLock lock(mutex_);
    const bool fresh = last_.has_value() && clock_.Steady() - asked_ < kFresh;
    if (asking_ || fresh) return false;
    asking_ = true;
    asked_ = clock_.Steady();
    return true;
  }

  void Ask(std::stop_token stop) {
    const absl::StatusOr<std::string> name = discord_->WhoAmI(std::move(stop), kPatience);
    Json seen = {{"ok", name.ok()}};
    if (name.ok()) {
      seen["bot"] = *name;
    } else {
      seen["problem"] = std::string(name.status().message());
    }
    MutexLock lock(mutex_);
    asking_ = false;
    // A caller who gave up learned nothing about Discord.
    if (!absl::IsCancelled(name.status())) last_ = std::move(seen);
  }

  const std::shared_ptr<Discord> discord_;
  const Clock& clock_;
  Mutex mutex_;
  bool asking_ MCPGATE_GUARDED_BY(mutex_) = false;
  Nanos asked_ MCPGATE_GUARDED_BY(mutex_){0};
  std::optional<Json> last_ MCPGATE_GUARDED_BY(mutex_);
};

Json StoreStanding(const std::function<absl::Status()>& store) {
  const absl::Status status = store();
  if (status.ok()) return {{"ok", true}};
  return {{"ok", false}, {"problem", std::string(status.message())}};
}

struct Status {
  StatusSources sources;
  Nanos started{0};
  std::unique_ptr<Reachability> discord;  // null: no Discord

  ToolResult Tell(CallContext& context) const {
    const Nanos uptime = sources.clock->Steady() - started;
    Json told = {{"version", sources.server_version},
                 {"uptime_seconds", std::chrono::floor<std::chrono::seconds>(uptime).count()}};
    if (sources.store) told["store"] = StoreStanding(sources.store);
    if (discord != nullptr) {
      told["discord"] = discord->Look(context.stop_token());
      if (std::string concern = sources.discord->Concern(); !concern.empty())
        told["discord"]["concern"] = std::move(concern);
    }
    absl::StatusOr<Json> limits = context.LimitStandings("posting");
    if (limits.ok()) {
      told["limits"] = *std::move(limits);
    } else {
      told["limits_problem"] = std::string(limits.status().message());
    }
    return ToolResult::Structured(std::move(told));
  }
};

Json Health(std::string_view description) {
  return {{"type", "object"},
          {"description", description},
          {"properties",
           {{"ok", {{"type", "boolean"}}},
            {"problem", {{"type", "string"}}},
            {"bot", {{"type", "string"}}},
            {"concern", {{"type", "string"}}}}},
          {"required", {"ok"}}};
}

Json Output() {
  return {{"type", "object"},
          {"properties",
           {{"version", {{"type", "string"}}},
            {"uptime_seconds", {{"type", "integer"}, {"minimum", 0}}},
            {"store", Health("Keys, counters and audit trail; absent when there is none")},
            {"discord", Health("Absent when this server has no Discord")},
            {"limits",
             {{"type", "array"},
              {"items", {{"type", "object"}}},
              {"description", "Your limits for posting tools and what is left of each"}}},
            {"limits_problem", {{"type", "string"}}}}},
          {"required", {"version", "uptime_seconds"}}};
}

}  // namespace

Tool ServerStatusTool(StatusSources sources) {
  auto status = std::make_shared<Status>();
  status->started = sources.clock->Steady();
  if (sources.discord != nullptr)
    status->discord = std::make_unique<Reachability>(sources.discord, *sources.clock);
  if (sources.server_version.empty()) sources.server_version = kVersion;
  status->sources = std::move(sources);
  return {.name = "check_server_status",
          .title = "Check this server",
          .description = kDescription,
          .output_schema = Output(),
          .annotations = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
          .role = Role::kReader,
          .handler = [status](const Json&, CallContext& context) -> absl::StatusOr<ToolResult> {
            return status->Tell(context);
          }};
}

}  // namespace mcpgate
