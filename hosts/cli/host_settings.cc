#include "cli/host_settings.h"

#include "cli/run_program.h"
#include "common/budget_text.h"
#include "common/limit_text.h"
#include "common/program_path.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

// Each rule of the member `name`, set by `set`.
template <typename Policies>
absl::Status ReadRules(const Json& rules, std::string_view name, Policies& policies,
                       absl::Status (*set)(Policies&, std::string_view)) {
  const Json* const texts = FindMember(rules, name);
  if (texts == nullptr || !texts->is_array()) {
    return absl::FailedPreconditionError("mcpgate-http is of another version and does not tell its rules");
  }
  for (const Json& text : *texts) {
    const std::string* const rule = text.get_ptr<const std::string*>();
    if (rule == nullptr) continue;
    if (absl::Status status = set(policies, *rule); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HostSettings> ReadHostSettings(const std::string& config) {
  const absl::StatusOr<std::string> program = FindProgram("mcpgate-http");
  if (!program.ok()) return program.status();
  std::vector<std::string> words = {*program, "--check", "--json"};
  if (!config.empty()) words.insert(words.end(), {"--config", config});
  const absl::StatusOr<ProgramEnd> end = RunProgram(std::move(words));
  if (!end.ok()) return end.status();
  if (end->code != 0) return absl::FailedPreconditionError(end->err.substr(0, end->err.find('\n')));
  const Json settings = ParseJson(end->out).value_or(Json());
  const Json* const rules = FindObject(settings, "rules");
  const Json none = Json::object();
  HostSettings read;
  absl::Status status = ReadRules(rules == nullptr ? none : *rules, "limit", read.limits, SetLimit);
  status.Update(ReadRules(rules == nullptr ? none : *rules, "budget", read.budgets, SetBudget));
  if (!status.ok()) return status;
  return read;
}

}  // namespace mcpgate::hosts
