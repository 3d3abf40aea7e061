#include "cli/audit_view.h"

#include <fmt/format.h>

#include "common/data_directory.h"
#include "common/display_width.h"
#include "common/table.h"

namespace mcpgate::hosts {
namespace {

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

}  // namespace

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

Json RecordJson(const StoredAudit& stored) {
  absl::StatusOr<Json> record = ParseJson(stored.body);
  if (!record.ok() || !record->is_object()) return {{"seq", stored.seq}, {"unreadable", true}};
  (*record)["seq"] = stored.seq;
  return *std::move(record);
}

void ShowRecord(const Console& console, const StoredAudit& stored) {
  if (console.json()) {
    console.Line(RecordJson(stored));
  } else {
    console.Text(LineText(stored, console.colour()));
  }
}

}  // namespace mcpgate::hosts
