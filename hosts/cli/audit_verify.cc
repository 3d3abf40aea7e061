#include "cli/audit_verify.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/audit_view.h"
#include "common/audit_options.h"
#include "common/display_width.h"
#include "common/file_write.h"
#include "common/table.h"
#include "mcpgate/audit_export.h"
#include "mcpgate/audit_lines.h"

namespace mcpgate::hosts {
namespace {

constexpr int kUnreadable = 3;
constexpr std::size_t kMaxNoteBytes = 1u << 20;

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

int Tell(const Console& console, const AuditVerdict& verdict) {
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

// A directory stands for the files in it.
absl::Status AddNotes(const std::string& path, std::vector<std::string>& notes) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) {
    absl::StatusOr<std::string> note = ReadWholeFile(path, kMaxNoteBytes);
    if (!note.ok()) return note.status();
    notes.push_back(*std::move(note));
    return absl::OkStatus();
  }
  std::filesystem::directory_iterator entry(path, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (!entry->is_regular_file(failed)) continue;
    if (absl::Status status = AddNotes(entry->path().string(), notes); !status.ok()) return status;
  }
  return failed ? absl::UnavailableError(fmt::format("{}: {}", path, failed.message())) : absl::OkStatus();
}

int VerifyExport(const Console& console, const VerifyOptions& options) {
  std::ifstream file(options.export_file);
  if (!file) return console.Fail(fmt::format("{} cannot be read", options.export_file), "", kUnreadable);
  if (options.key.empty())
    console.Note(
        "by the key that the export itself names; give the trail's with --key (`mcpgate audit key`)");
  return Tell(console, VerifyAuditExport(
                           [&file](std::string& line) { return static_cast<bool>(std::getline(file, line)); },
                           options.key));
}

int VerifyLines(const Console& console, const VerifyOptions& options) {
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status(), "", kUnreadable);
  return Tell(console,
              VerifyAuditLines(options.lines, DeriveSecret((*storage)->root_key(), kAuditLinesPurpose)));
}

}  // namespace

int VerifyAudit(const Console& console, const VerifyOptions& options) {
  if (!options.export_file.empty()) return VerifyExport(console, options);
  if (!options.lines.empty()) return VerifyLines(console, options);
  std::vector<std::string> notes;
  for (const std::string& path : options.checkpoints) {
    if (absl::Status status = AddNotes(path, notes); !status.ok())
      return console.Fail(status, "", kUnreadable);
  }
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status(), "", kUnreadable);
  return Tell(console, (*storage)->trail()->Verify(notes));
}

}  // namespace mcpgate::hosts
