#include "common/housekeeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "common/admin_change.h"
#include "mcpgate/token_files.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kTasksAtOnce = 100;
constexpr std::size_t kIdsInField = 64;  // as many as a field of a record holds

const TenantScope& Operator() {
  static const TenantScope scope = TenantScope::Operator();
  return scope;
}

bool GoesOn(const std::function<bool()>& go_on, Collected& collected) {
  collected.is_complete = !go_on || go_on();
  return collected.is_complete;
}

// "keys", "keys 2" ...: texts of a record are cut when they are long.
AdminChange::Fields FieldsOf(std::string_view name, const std::vector<std::string>& values) {
  AdminChange::Fields fields;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t part = i / kIdsInField;
    if (i % kIdsInField == 0)
      fields.emplace_back(part == 0 ? std::string(name) : fmt::format("{} {}", name, part + 1), "");
    std::string& text = fields.back().second;
    text += (text.empty() ? "" : " ") + values[i];
  }
  return fields;
}

absl::Status ChangedMeanwhile() { return absl::AbortedError("somebody else changed them meanwhile"); }

// One batch, with both of its records around it.
absl::StatusOr<ForgottenKeys> ForgetSome(const Household& household, KeyForgetting forgetting) {
  std::optional<AdminChange> change;
  forgetting.announce = [&](const std::vector<KeyRecord>& keys) {
    std::vector<std::string> ids;
    for (const KeyRecord& key : keys) ids.push_back(key.id);
    absl::StatusOr<AdminChange> begun =
        AdminChange::Begin(*household.audit, "keys.forget", "", FieldsOf("keys", ids), household.source);
    if (begun.ok()) change.emplace(*std::move(begun));
    return begun.status();
  };
  absl::StatusOr<ForgottenKeys> forgotten = household.keys->ForgetEnded(Operator(), forgetting);
  if (!change) return forgotten;
  const bool is_done = forgotten.ok() && !forgotten->keys.empty();
  const absl::Status recorded = change->End(is_done          ? absl::OkStatus()
                                            : forgotten.ok() ? ChangedMeanwhile()
                                                             : forgotten.status(),
                                            "");
  if (forgotten.ok() && !recorded.ok()) return recorded;
  return forgotten;
}

absl::Status CollectKeys(const Household& household, bool dry_run, const std::function<bool()>& go_on,
                         Collected& collected) {
  const WallTime by = household.clock->Now() - household.keep;
  KeyForgetting forgetting{
      .ended_by = std::chrono::floor<std::chrono::milliseconds>(by).time_since_epoch().count(),
      .dry_run = dry_run};
  do {
    absl::StatusOr<ForgottenKeys> forgotten = ForgetSome(household, forgetting);
    if (!forgotten.ok()) return forgotten.status();
    for (const KeyRecord& key : forgotten->keys)
      ++(key.kind == KeyKind::kSession ? collected.sessions : collected.keys);
    forgetting.after = std::move(forgotten->next);
  } while (!forgetting.after.empty() && GoesOn(go_on, collected));
  return absl::OkStatus();
}

absl::Status CollectTasks(const Household& household, bool dry_run, const std::function<bool()>& go_on,
                          Collected& collected) {
  const std::size_t most = dry_run ? std::numeric_limits<int>::max() : kTasksAtOnce;
  std::size_t found = 0;
  do {
    const absl::StatusOr<std::size_t> swept = household.tasks->Sweep(most, dry_run);
    if (!swept.ok()) return swept.status();
    found = *swept;
    collected.tasks += found;
  } while (found == most && GoesOn(go_on, collected));
  return absl::OkStatus();
}

// Looks first, so that the trail knows which, and removes then.
absl::StatusOr<SweptTokens> SweepSome(const Household& household, TokenFiles& files, const TokenSweep& part,
                                      bool dry_run) {
  TokenSweep looking = part;
  looking.dry_run = true;
  absl::StatusOr<SweptTokens> found = files.SweepSome(looking);
  if (!found.ok() || dry_run || found->files.empty()) return found;
  absl::StatusOr<AdminChange> change = AdminChange::Begin(*household.audit, "tokens.sweep", "",
                                                          FieldsOf("files", found->files), household.source);
  if (!change.ok()) return change.status();
  absl::StatusOr<SweptTokens> swept = files.SweepSome(part);
  const absl::Status recorded = change->End(swept.status(), "");
  if (swept.ok() && !recorded.ok()) return recorded;
  return swept;
}

absl::Status CollectTokenFiles(const Household& household, bool dry_run, const std::function<bool()>& go_on,
                               Collected& collected) {
  std::error_code ignored;
  if (household.token_files.empty() || !std::filesystem::exists(household.token_files, ignored))
    return absl::OkStatus();
  const absl::StatusOr<std::unique_ptr<TokenFiles>> files =
      TokenFiles::New({.directory = household.token_files, .admin = household.keys, .repair = !dry_run});
  if (!files.ok()) return files.status();
  TokenSweep part;
  do {
    absl::StatusOr<SweptTokens> swept = SweepSome(household, **files, part, dry_run);
    if (!swept.ok()) return swept.status();
    collected.token_files += swept->files.size();
    part.after = std::move(swept->next);
  } while (!part.after.empty() && GoesOn(go_on, collected));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Collected> Collect(const Household& household, bool dry_run,
                                  const std::function<bool()>& go_on) {
  Collected collected;
  // Files first: whose session is forgotten has ended, and its file is no less over than before.
  for (const auto& collect : {CollectTokenFiles, CollectKeys, CollectTasks}) {
    if (absl::Status status = collect(household, dry_run, go_on, collected); !status.ok()) return status;
    if (!collected.is_complete) break;
  }
  return collected;
}

Housekeeper::Housekeeper(Options options)
    : options_(std::move(options)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Housekeeper::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  const auto wait = [&](Nanos time) {
    woken.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  };
  for (Nanos pause = options_.first; wait(pause); pause = options_.period)
    Note(Collect(options_.household, /*dry_run=*/false, [&] { return wait(options_.pause); }).status());
}

void Housekeeper::Note(const absl::Status& status) {
  if (std::exchange(failing_, !status.ok()) == failing_ || !options_.log) return;
  options_.log(failing_
                   ? fmt::format("what ended long ago cannot be removed: {}", std::string(status.message()))
                   : std::string("what ended long ago is removed again"));
}

}  // namespace mcpgate::hosts
