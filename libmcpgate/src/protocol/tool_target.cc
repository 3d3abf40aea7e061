#include <fmt/format.h>

#include <utility>

#include "protocol/outcome.h"
#include "protocol/target.h"
#include "protocol/tool_result.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxAuditValue = 100;

class ToolTarget final : public Target {
 public:
  ToolTarget(std::shared_ptr<const RegisteredTool> tool, Json arguments)
      : tool_(std::move(tool)), arguments_(std::move(arguments)) {}

  const CatalogEntry& entry() const override { return *tool_; }
  RunOn run_on() const override { return tool_->tool().run_on; }
  bool has_effect() const override { return !tool_->tool().annotations.read_only; }
  std::string_view limit_class() const override { return tool_->tool().limit_class; }
  std::string arguments_text() const override { return DumpJson(arguments_); }

  // The arguments whose values the tool declared fit for the audit trail.
  std::vector<std::pair<std::string, std::string>> audit_fields() const override {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const std::string& name : tool_->tool().audit_arguments) {
      if (const std::string* value = FindString(arguments_, name))
        fields.emplace_back(name, value->substr(0, kMaxAuditValue));
    }
    return fields;
  }

  absl::StatusOr<Finished> Run(CallContext& context, Revision revision) override {
    if (std::optional<ToolResult> misfit = CheckArguments()) return Finish(*misfit, revision);
    absl::StatusOr<ToolResult> result = tool_->tool().handler(arguments_, context);
    if (!result.ok()) return result.status();
    if (absl::Status bad = CheckOutput(*result); !bad.ok()) return bad;
    return Finish(*result, revision);
  }

  std::variant<std::string, Rejection> Failure(const absl::Status& status, Revision revision) const override {
    return ToolResultMembers(ToolResult::Error(std::string(status.message())), revision);
  }

 private:
  static Finished Finish(const ToolResult& result, Revision revision) {
    return {.members = ToolResultMembers(result, revision), .outcome = OutcomeFor(result)};
  }

  std::optional<ToolResult> CheckArguments() const {
    const std::vector<SchemaViolation> violations = tool_->input().Validate(arguments_);
    if (violations.empty()) return std::nullopt;
    ToolResult result =
        ToolResult::Error(fmt::format("The arguments of '{}' do not fit its input schema:\n{}",
                                      tool_->tool().name, DescribeViolations(violations)));
    result.nothing_happened = true;
    return result;
  }

  absl::Status CheckOutput(const ToolResult& result) const {
    if (tool_->output() == nullptr || result.is_error) return absl::OkStatus();
    const bool fits = result.structured && tool_->output()->Validate(*result.structured).empty();
    return fits ? absl::OkStatus() : absl::InternalError("the result does not fit the tool's output schema");
  }

  const std::shared_ptr<const RegisteredTool> tool_;
  const Json arguments_;
};

}  // namespace

std::variant<std::unique_ptr<Target>, Rejection> FindTool(const Catalog& catalog, Request& request) {
  const std::string* name = FindString(request.params, "name");
  if (name == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.name must be a string");
  std::shared_ptr<const RegisteredTool> tool = catalog.tools.Find(*name);
  if (tool == nullptr) {
    return Rejection(ErrorCode::kInvalidParams,
                     fmt::format("unknown tool '{}'; tools/list names them", name->substr(0, 128)));
  }
  Json arguments;
  if (const auto given = request.params.find("arguments"); given == request.params.end()) {
    arguments = Json::object();
  } else if (given->is_object()) {
    arguments = std::move(*given);
  } else {
    return Rejection(ErrorCode::kInvalidParams, "params.arguments must be an object");
  }
  // Before the schema is asked, and against what was sent (2026-07-28, transports).
  if (request.headers && IsModern(request.revision) && !tool->param_headers().empty()) {
    if (auto bad = CheckParamHeaders(*request.headers, tool->param_headers(), arguments))
      return *std::move(bad);
  }
  return std::make_unique<ToolTarget>(std::move(tool), std::move(arguments));
}

}  // namespace mcpgate
