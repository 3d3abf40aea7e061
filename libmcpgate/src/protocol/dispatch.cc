#include "protocol/dispatch.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/list_tools.h"
#include "protocol/outcome.h"

namespace mcpgate {
namespace {

enum class Era { kLegacy, kModern, kBoth };

using Answer = std::variant<std::string, Rejection>;
using Method = Answer (*)(const Surroundings&, const Request&, const Principal&);

Answer Discover(const Surroundings& around, const Request& request, const Principal&) {
  return around.identity.Discover(request.revision);
}

Answer Ping(const Surroundings&, const Request&, const Principal&) { return "{}"; }

// Echoes a version it speaks and otherwise offers the newest one that opens with a handshake (2025-11-25,
// lifecycle).
Answer Initialize(const Surroundings& around, const Request& request, const Principal&) {
  if (FindString(request.params, "protocolVersion") == nullptr) {
    return Rejection(ErrorCode::kInvalidParams, "params.protocolVersion must be a string");
  }
  return around.identity.Initialize(request.revision);
}

struct Row {
  std::string_view method;
  Era era;
  Method answer;
};

constexpr Row kMethods[] = {
    {"server/discover", Era::kModern, Discover},
    {"initialize", Era::kLegacy, Initialize},
    {"ping", Era::kLegacy, Ping},
    {"tools/list", Era::kBoth, ListTools},
};

const Row* FindMethod(const Request& request) {
  for (const Row& row : kMethods) {
    if (row.method != request.method) continue;
    const bool spoken = row.era == Era::kBoth || (row.era == Era::kModern) == IsModern(request.revision);
    return spoken ? &row : nullptr;
  }
  return nullptr;
}

Revision Negotiate(const Json& params) {
  const std::string* asked = FindString(params, "protocolVersion");
  const std::optional<Revision> revision = asked ? ParseRevision(*asked) : std::nullopt;
  return revision && !IsModern(*revision) ? *revision : kNewestLegacy;
}

Dispatched Finished(const Request& request, Answer answer) {
  if (auto* rejection = std::get_if<Rejection>(&answer)) {
    rejection->id = request.id;
    return {.answer = ErrorMessage(*rejection)};
  }
  return {.answer = ResultMessage(request.id, std::get<std::string>(answer))};
}

}  // namespace

Dispatched Dispatch(const Surroundings& around, Request request, const Credentials& credentials) {
  const auto principal = around.gate.Authenticate(credentials);
  if (!principal.ok()) return Finished(request, RejectionFor(principal.status()));
  const Row* row = FindMethod(request);
  if (row == nullptr) {
    return Finished(request,
                    Rejection(ErrorCode::kMethodNotFound,
                              fmt::format("method '{}' is not served in {}", request.method.substr(0, 100),
                                          RevisionName(request.revision))));
  }
  const bool opens = row->answer == Initialize;
  if (opens) request.revision = Negotiate(request.params);
  Answer answer = row->answer(around, request, **principal);
  const bool settled = opens && std::holds_alternative<std::string>(answer);
  Dispatched dispatched = Finished(request, std::move(answer));
  if (settled) dispatched.settled = request.revision;
  return dispatched;
}

}  // namespace mcpgate
