#include "support/served.h"

#include <stdexcept>
#include <utility>

#include "mcpgate/key_admin.h"
#include "support/wait_for_stop.h"

namespace mcpgate::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

Json TextSchema() {
  return {{"type", "object"},
          {"properties", {{"text", {{"type", "string"}, {"maxLength", 40}}}}},
          {"required", {"text"}},
          {"additionalProperties", false}};
}

Tool Reading(std::string name, ToolHandler handler) {
  Tool tool;
  tool.name = std::move(name);
  tool.annotations = {.read_only = true, .destructive = false};
  tool.role = Role::kReader;
  tool.run_on = RunOn::kInline;
  tool.handler = std::move(handler);
  return tool;
}

Tool Echo() {
  Tool echo = Reading("echo", [](const Json& arguments, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text(StringOr(arguments, "text", ""));
  });
  echo.title = "Echo";
  echo.description = "Says it again.";
  echo.input_schema = TextSchema();
  return echo;
}

Tool Note() {
  Tool note;
  note.name = "write_note";
  note.description = "Writes a note.";
  note.role = Role::kWriter;
  note.limit_class = "posting";
  note.audit_arguments = {"shelf"};
  note.input_schema = {{"type", "object"},
                       {"properties", {{"shelf", {{"type", "string"}}}, {"text", {{"type", "string"}}}}},
                       {"required", {"shelf", "text"}}};
  note.output_schema =
      Json{{"type", "object"}, {"properties", {{"note", {{"type", "integer"}}}}}, {"required", {"note"}}};
  note.handler = [](const Json& arguments, CallContext& context) -> absl::StatusOr<ToolResult> {
    if (absl::Status no = context.Authorize("shelf:" + StringOr(arguments, "shelf", "")); !no.ok()) return no;
    if (StringOr(arguments, "text", "") == "fail") {
      ToolResult failed = ToolResult::Error("the shelf is full");
      failed.nothing_happened = true;
      return failed;
    }
    ToolResult result = ToolResult::Structured({{"note", 7}});
    result.audit_fields = {{"note", "7"}};
    return result;
  };
  return note;
}

Tool CountToThree() {
  Tool count = Reading("count", [](const Json&, CallContext& context) -> absl::StatusOr<ToolResult> {
    for (int i = 1; i <= 3; ++i) context.Progress(i, 3);
    context.Progress(2, 3, "never heard: progress must rise");
    return ToolResult::Text("three");
  });
  count.run_on = RunOn::kPool;
  return count;
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(value.status().ToString());
  return *std::move(value);
}

}  // namespace

Registry PlainTools() {
  Registry registry;
  std::vector<Tool> tools = {Echo(), Note(), CountToThree()};
  tools.push_back(Reading("fail", [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return absl::NotFoundError("there is no such thing");
  }));
  tools.push_back(Reading("throw", [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    throw std::runtime_error("secret detail");
  }));
  tools.push_back(Reading("list", [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Structured({1, 2});
  }));
  tools.back().output_schema = Json{{"type", "array"}};
  tools.push_back(Reading("misfit", [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text("not what was declared");
  }));
  tools.back().output_schema = Json{{"type", "object"}};
  tools.push_back(Reading("wait", WaitForStop));
  tools.back().run_on = RunOn::kPool;
  tools.push_back(Reading("limits", [](const Json&, CallContext& context) -> absl::StatusOr<ToolResult> {
    auto standings = context.LimitStandings("posting");
    if (!standings.ok()) return standings.status();
    return ToolResult::Structured({{"limits", *std::move(standings)}});
  }));
  tools.push_back(Reading("reboot", [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text("done");
  }));
  tools.back().role = Role::kAdmin;
  for (Tool& tool : tools) {
    if (absl::Status added = registry.Add(std::move(tool)); !added.ok())
      throw std::runtime_error(added.ToString());
  }
  return registry;
}

void Heard::Add(std::string message) {
  {
    MutexLock lock(mutex_);
    messages_.push_back(std::move(message));
  }
  came_.notify_all();
}

void Heard::Finish(ServerAnswer answer) {
  if (!answer.message.empty()) Add(std::move(answer.message));
  {
    MutexLock lock(mutex_);
    ++finished_;
  }
  came_.notify_all();
}

std::string Heard::Next() {
  CondLock lock(mutex_);
  if (!came_.wait_for(lock, kPatience, [this]() MCPGATE_REQUIRES(mutex_) { return !messages_.empty(); }))
    return {};
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

bool Heard::empty() const {
  MutexLock lock(mutex_);
  return messages_.empty();
}

std::size_t Heard::finished() const {
  MutexLock lock(mutex_);
  return finished_;
}

bool Heard::WaitFinished(std::size_t count) {
  CondLock lock(mutex_);
  return came_.wait_for(lock, kPatience,
                        [this, count]() MCPGATE_REQUIRES(mutex_) { return finished_ >= count; });
}

Served::Served(std::vector<LimitPolicy> limits, std::size_t page_size)
    : Served(Serving{.registry = PlainTools(),
                     .limits = std::move(limits),
                     .tune = [page_size](ServerOptions& options) { options.page_size = page_size; }}) {}

Served::Served(Serving serving) : store(NewMemoryKeyStore()) {
  keyring = Must(Keyring::New({.store = store, .root_key = Secret(std::string(32, 'r')), .clock = &clock}));
  audit = NewMemoryAuditSink();
  gate = Must(Gate::New({.keyring = keyring,
                         .audit = audit,
                         .limiter = NewLocalRateLimiter({.clock = &clock}),
                         .limits = std::move(serving.limits),
                         .clock = &clock}));
  registry = std::make_shared<Registry>(std::move(serving.registry));
  ServerOptions options{.gate = gate.get(),
                        .registry = registry,
                        .info = {.name = "test-server", .version = "1.2.3"},
                        .cursor_key = Secret(std::string(32, 'c')),
                        .clock = &clock};
  if (serving.tune) serving.tune(options);
  server = Must(Server::New(std::move(options)));
  for (Role role : {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin}) {
    tokens.emplace_back(RoleName(role), Issue({.role = role, .resources = {"shelf:a"}}));
  }
}

Secret Served::Issue(Grants grants) {
  return Must(keyring->admin().Issue(TenantScope::Operator(), {.name = "test", .grants = std::move(grants)}))
      .token;
}

Credentials Served::As(std::string_view role) const {
  for (const auto& [name, token] : tokens) {
    if (name == role) return {.api_key = token, .source = "test"};
  }
  return {.api_key = Secret(), .source = "test"};
}

}  // namespace mcpgate::testing
