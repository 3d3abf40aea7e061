// From a tools/call request to an admitted call. The only caller of Gate::Admit in the library.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/outcome.h"
#include "protocol/tool_call.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxAuditValue = 100;

// The arguments whose values the tool declared fit for the audit trail.
std::vector<std::pair<std::string, std::string>> AuditFields(const Tool& tool, const Json& arguments) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string& name : tool.audit_arguments) {
    if (const std::string* value = FindString(arguments, name))
      fields.emplace_back(name, value->substr(0, kMaxAuditValue));
  }
  return fields;
}

Rejection Reject(Rejection rejection, const Request& request) {
  rejection.id = request.id;
  return rejection;
}

}  // namespace

std::variant<std::unique_ptr<ToolCall>, Rejection> AdmitToolCall(const Surroundings& around, Request request,
                                                                 const Credentials& credentials,
                                                                 std::shared_ptr<Flight> flight,
                                                                 ToolCall::Notify notify) {
  const std::string* name = FindString(request.params, "name");
  const Json* arguments = FindMember(request.params, "arguments");
  const RegisteredTool* tool = name == nullptr ? nullptr : around.registry->Find(*name);
  const bool malformed = arguments != nullptr && !arguments->is_object();
  if (tool == nullptr || malformed) {
    // Strangers learn nothing about which tools there are.
    if (auto known = around.gate.Authenticate(credentials); !known.ok()) {
      return Reject(RejectionFor(known.status()), request);
    }
    if (name == nullptr) return Reject({ErrorCode::kInvalidParams, "params.name must be a string"}, request);
    if (tool == nullptr) {
      return Reject({ErrorCode::kInvalidParams,
                     fmt::format("unknown tool '{}'; tools/list names them", name->substr(0, 128))},
                    request);
    }
    return Reject({ErrorCode::kInvalidParams, "params.arguments must be an object"}, request);
  }
  const std::string text = arguments == nullptr ? "{}" : DumpJson(*arguments);
  const std::string id = DumpJson(request.id);
  absl::StatusOr<Admission> admission = around.gate.Admit(
      credentials, {.name = tool->tool().name,
                    .role = tool->tool().role,
                    .effect = !tool->tool().annotations.read_only,
                    .limit_class = tool->tool().limit_class,
                    .request = std::string_view(id).substr(0, kMaxAuditValue),
                    .arguments = text,
                    .fields = AuditFields(tool->tool(), arguments == nullptr ? Json() : *arguments)});
  if (!admission.ok()) return Reject(RejectionFor(admission.status()), request);
  return std::make_unique<ToolCall>(around, std::move(request), *tool, *std::move(admission),
                                    std::move(flight), std::move(notify));
}

}  // namespace mcpgate
