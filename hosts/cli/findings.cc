#include "cli/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/display_width.h"
#include "common/table.h"

namespace mcpgate::hosts {
namespace {

struct GradeLook {
  const char* name;
  Tone tone;
};

GradeLook LookOf(Grade grade) {
  switch (grade) {
    case Grade::kOk:
      return {"ok", Tone::kGood};
    case Grade::kSkipped:
      return {"skipped", Tone::kFaint};
    case Grade::kWarning:
      return {"warning", Tone::kWarning};
    case Grade::kFailure:
      break;
  }
  return {"failure", Tone::kBad};
}

std::ptrdiff_t Count(const std::vector<Finding>& findings, Grade grade) {
  return std::count_if(findings.begin(), findings.end(),
                       [grade](const Finding& finding) { return finding.grade == grade; });
}

Json FindingJson(const Finding& finding) {
  Json json = {{"check", finding.check}, {"grade", LookOf(finding.grade).name}, {"note", finding.note}};
  if (!finding.todo.empty()) json["todo"] = finding.todo;
  return json;
}

std::string FindingsText(const std::vector<Finding>& findings, bool colour) {
  constexpr std::size_t kWidest = 120;
  Table table({"CHECK", "RESULT", "WHAT WAS SEEN"}, kWidest);
  for (const Finding& finding : findings) {
    const GradeLook look = LookOf(finding.grade);
    table.Add({finding.check, {look.name, look.tone}, finding.note});
  }
  std::string text = table.Render(colour);
  for (const Finding& finding : findings) {
    if (finding.todo.empty()) continue;
    text += fmt::format("\n{}: {}\n", Tinted(finding.check, LookOf(finding.grade).tone, colour),
                        Printable(finding.todo));
  }
  return text + fmt::format("\n{} ok, {} warnings, {} failures\n", Count(findings, Grade::kOk),
                            Count(findings, Grade::kWarning), Count(findings, Grade::kFailure));
}

}  // namespace

Finding Ok(std::string check, std::string note) {
  return {std::move(check), Grade::kOk, std::move(note), ""};
}
Finding Skipped(std::string check, std::string note) {
  return {std::move(check), Grade::kSkipped, std::move(note), ""};
}
Finding Warning(std::string check, std::string note, std::string todo) {
  return {std::move(check), Grade::kWarning, std::move(note), std::move(todo)};
}
Finding Failed(std::string check, std::string note, std::string todo) {
  return {std::move(check), Grade::kFailure, std::move(note), std::move(todo)};
}
Finding Failed(std::string check, const absl::Status& status, std::string todo) {
  return Failed(std::move(check), std::string(status.message()), std::move(todo));
}

int ShowFindings(const Console& console, const std::vector<Finding>& findings, Json facts) {
  const std::ptrdiff_t failures = Count(findings, Grade::kFailure);
  if (console.json()) {
    facts["ok"] = failures == 0;
    facts["checks"] = Json::array();
    for (const Finding& finding : findings) facts["checks"].push_back(FindingJson(finding));
    console.Document(facts);
  } else {
    console.Text(FindingsText(findings, console.colour()));
  }
  // Said before it is known how the command ends: main() flushes what ended well alone.
  return console.Flush() && failures == 0 ? kDone : kFailed;
}

}  // namespace mcpgate::hosts
