#include "cli/audit_verify.h"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "cli/audit_view.h"
#include "common/display_width.h"
#include "common/table.h"

namespace mcpgate::hosts {
namespace {

constexpr int kUnreadable = 3;

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
