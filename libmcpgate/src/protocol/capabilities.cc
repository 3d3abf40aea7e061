#include "protocol/capabilities.h"

#include <string>

#include "absl/strings/cord.h"

namespace mcpgate {
namespace {

constexpr char kPayload[] = "type.mcpgate/missing-capability";

bool IsUrlMode(const InputRequest& request) { return StringOr(request.params, "mode", "") == "url"; }

// {} means forms only (2025-11-25 and later, elicitation, "Capabilities").
bool CanElicit(const Json& elicitation, Revision revision, bool by_url) {
  if (by_url) return revision >= Revision::k2025_11_25 && elicitation.contains("url");
  return revision >= Revision::k2025_06_18 &&
         (elicitation.empty() || elicitation.contains("form") || !elicitation.contains("url"));
}

}  // namespace

bool CanAnswer(const Json& capabilities, Revision revision, const InputRequest& request) {
  if (request.method == "elicitation/create") {
    const Json* elicitation = FindObject(capabilities, "elicitation");
    return elicitation != nullptr && CanElicit(*elicitation, revision, IsUrlMode(request));
  }
  if (request.method == "roots/list") return FindObject(capabilities, "roots") != nullptr;
  if (request.method != "sampling/createMessage") return false;
  const Json* sampling = FindObject(capabilities, "sampling");
  const bool with_tools = request.params.contains("tools") || request.params.contains("toolChoice");
  return sampling != nullptr && (!with_tools || sampling->contains("tools"));
}

Json RequiredCapabilities(const InputRequest& request) {
  if (request.method == "roots/list") return {{"roots", Json::object()}};
  if (request.method == "sampling/createMessage") {
    Json sampling = Json::object();
    if (request.params.contains("tools")) sampling["tools"] = Json::object();
    return {{"sampling", std::move(sampling)}};
  }
  Json elicitation = Json::object();
  if (IsUrlMode(request)) elicitation["url"] = Json::object();
  return {{"elicitation", std::move(elicitation)}};
}

bool KnowsTasks(const Json& capabilities) {
  const Json* extensions = FindObject(capabilities, "extensions");
  return extensions != nullptr && extensions->contains(kTasksExtension);
}

Json TasksCapability() { return {{"extensions", {{kTasksExtension, Json::object()}}}}; }

absl::Status MissingCapability(const Json& required) {
  absl::Status status = absl::FailedPreconditionError(
      "this call needs a capability that the client has not declared: " + DumpJson(required));
  status.SetPayload(kPayload, absl::Cord(DumpJson(required)));
  return status;
}

std::optional<Json> MissingCapabilityOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  absl::StatusOr<Json> required = ParseJson(std::string(*payload));
  if (!required.ok()) return std::nullopt;
  return *std::move(required);
}

}  // namespace mcpgate
