#include "cli/audit.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "common/data_directory.h"
#include "common/display_width.h"
#include "common/stop_signals.h"
#include "common/table.h"
#include "common/time_text.h"
#include "mcpgate/audit.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {
namespace {

// How often a follower looks. Reading is one query on an index.
constexpr auto kFollowPeriod = std::chrono::milliseconds(200);
constexpr std::size_t kFollowPage = 500;
constexpr int kUnreadable = 3;

absl::StatusOr<std::unique_ptr<SqliteStorage>> OpenTrail(const std::string& data) {
  absl::StatusOr<std::string> directory = DataDirectory(data);
  if (!directory.ok()) return directory.status();
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage =
      SqliteStorage::Open({.directory = *directory, .create = false});
  if (absl::IsNotFound(storage.status())) {
    return absl::NotFoundError(
        fmt::format("there is no audit trail in {}; name the data directory with --data", *directory));
  }
  return storage;
}

Tone ToneOf(std::string_view outcome) {
  if (outcome == "ok") return Tone::kGood;
  if (outcome == "deny" || outcome == "error") return Tone::kBad;
  if (outcome == "aborted" || outcome == "cancelled" || outcome == "unknown") return Tone::kWarning;
  return Tone::kPlain;
}

// "key=value" pairs and the reason: what distinguishes one record of a kind from the next.
std::string Remarks(const Json& record) {
  std::string text = StringOr(record, "reason", "");
  const Json* fields = FindObject(record, "fields");
  if (fields == nullptr) return text;
  for (const auto& [name, value] : fields->items()) {
    const std::string* word = value.get_ptr<const std::string*>();
    if (word != nullptr) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, *word);
  }
  return text;
}

std::string Padded(std::string_view text, std::size_t width) {
  const std::string shown = Shorten(Printable(text), width);
  return shown + std::string(width - std::min(width, DisplayWidth(shown)), ' ');
}

// Fixed columns, because a follower cannot know what comes.
std::string LineText(const StoredAudit& stored, bool colour) {
  const absl::StatusOr<Json> record = ParseJson(stored.body);
  if (!record.ok()) return fmt::format("{:>8}  {}\n", stored.seq, Tinted("not readable", Tone::kBad, colour));
  const std::string outcome = StringOr(*record, "outcome", "?");
  const std::int64_t nanos = IntegerOr(*record, "duration_ns", 0);
  return fmt::format("{:>8}  {}  {}  {}  {}  {}  {}  {}\n", stored.seq,
                     Tinted(Padded(StringOr(*record, "time", "?").substr(0, 23), 23), Tone::kFaint, colour),
                     Padded(StringOr(*record, "phase", "?"), 7),
                     Tinted(Padded(outcome, 9), ToneOf(outcome), colour),
                     Padded(StringOr(*record, "action", "?"), 24), Padded(StringOr(*record, "key", "-"), 12),
                     Padded(nanos == 0 ? "" : fmt::format("{:.1f}ms", static_cast<double>(nanos) / 1e6), 9),
                     Shorten(Printable(Remarks(*record)), 100));
}

Json LineJson(const StoredAudit& stored) {
  absl::StatusOr<Json> record = ParseJson(stored.body);
  if (!record.ok() || !record->is_object()) return {{"seq", stored.seq}, {"unreadable", true}};
  (*record)["seq"] = stored.seq;
  return *std::move(record);
}

void Show(const Console& console, const StoredAudit& stored) {
  if (console.json()) {
    console.Line(LineJson(stored));
  } else {
    console.Text(LineText(stored, console.colour()));
  }
}

void PauseUnlessStopped(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, kFollowPeriod, [] { return false; });
}

int Follow(const Console& console, AuditTrail& trail, AuditQuery query, std::stop_token stop) {
  query.newest = false;
  query.limit = kFollowPage;
  while (!stop.stop_requested()) {
    absl::StatusOr<std::vector<StoredAudit>> records = trail.Read(query);
    if (!records.ok()) return console.Fail(records.status());
    for (const StoredAudit& stored : *records) {
      Show(console, stored);
      query.after_seq = stored.seq;
    }
    if (!console.Flush()) return kFailed;  // the reader of the pipe has gone
    if (records->size() < kFollowPage) PauseUnlessStopped(stop);
  }
  return kDone;
}

std::optional<std::string> Filter(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

struct Finding {
  std::string_view name;
  int exit_code;
  Tone tone;
};

Finding FindingOf(AuditVerdict::State state) {
  switch (state) {
    case AuditVerdict::State::kIntact:
      return {"intact", 0, Tone::kGood};
    case AuditVerdict::State::kTampered:
      return {"tampered", 1, Tone::kBad};
    case AuditVerdict::State::kTruncated:
      return {"truncated", 2, Tone::kBad};
    case AuditVerdict::State::kUnreadable:
      break;
  }
  return {"unreadable", kUnreadable, Tone::kBad};
}

std::string VerdictText(const AuditVerdict& verdict, const Finding& finding, bool colour) {
  std::string text =
      fmt::format("{}: {} records", Tinted(finding.name, finding.tone, colour), verdict.records);
  if (finding.exit_code != 0) text += fmt::format(", the first that does not hold is {}", verdict.first_bad);
  if (!verdict.detail.empty()) text.append(1, '\n').append(Printable(verdict.detail));
  return text.append(1, '\n');
}

}  // namespace

int TailAudit(const Console& console, const TailOptions& options) {
  std::optional<StopSignals> signals;
  if (options.follow) signals.emplace();  // before the storage starts its threads
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const std::shared_ptr<AuditTrail> trail = (*storage)->trail();
  AuditQuery query{.limit = options.count,
                   .newest = true,
                   .key = Filter(options.key),
                   .action = Filter(options.action),
                   .outcome = Filter(options.outcome)};
  absl::StatusOr<std::vector<StoredAudit>> records = trail->Read(query);
  if (!records.ok()) return console.Fail(records.status());
  for (const StoredAudit& stored : *records) {
    Show(console, stored);
    query.after_seq = stored.seq;
  }
  return options.follow ? Follow(console, *trail, std::move(query), signals->token()) : kDone;
}

int VerifyAudit(const Console& console, const VerifyOptions& options) {
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status(), "", kUnreadable);
  const AuditVerdict verdict = (*storage)->trail()->Verify();
  const Finding finding = FindingOf(verdict.state);
  if (console.json()) {
    Json json = {{"state", std::string(finding.name)}, {"records", verdict.records}};
    if (finding.exit_code != 0) json["first_bad"] = verdict.first_bad;
    if (!verdict.detail.empty()) json["detail"] = verdict.detail;
    console.Document(json);
  } else {
    console.Text(VerdictText(verdict, finding, console.colour()));
  }
  return finding.exit_code;
}

}  // namespace mcpgate::hosts
