#include "protocol/request.h"

#include <fmt/format.h>

#include <utility>

namespace mcpgate {
namespace {

constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kCapabilitiesKey[] = "io.modelcontextprotocol/clientCapabilities";

// The revision a modern request claims, or why the claim does not hold.
std::variant<Revision, Rejection> ReadClaim(const Json& meta) {
  const std::string* version = FindString(meta, kVersionKey);
  if (version == nullptr) {
    return Rejection(ErrorCode::kInvalidParams,
                     fmt::format("params._meta[\"{}\"] must be a string", kVersionKey));
  }
  if (FindObject(meta, kCapabilitiesKey) == nullptr) {
    return Rejection(
        ErrorCode::kInvalidParams,
        fmt::format("params._meta[\"{}\"] must be an object; send {{}} for none", kCapabilitiesKey));
  }
  const std::optional<Revision> revision = ParseRevision(*version);
  if (!revision || !IsModern(*revision)) {
    return Rejection(ErrorCode::kUnsupportedVersion, "this protocol version is not served",
                     {{"supported", ModernRevisions()}, {"requested", *version}});
  }
  return *revision;
}

}  // namespace

bool ClaimsRevision(const Message& message) {
  const Json* meta = FindObject(message.params, "_meta");
  return meta != nullptr && meta->contains(kVersionKey);
}

std::variant<Request, Rejection> ReadRequest(Message message, Revision legacy) {
  const auto refuse = [&message](Rejection rejection) {
    rejection.id = message.id;
    return rejection;
  };
  Request request;
  request.revision = legacy;
  if (ClaimsRevision(message)) {
    auto claim = ReadClaim(*FindObject(message.params, "_meta"));
    if (auto* rejection = std::get_if<Rejection>(&claim)) return refuse(std::move(*rejection));
    request.revision = std::get<Revision>(claim);
  }
  if (const Json* meta = FindMember(message.params, "_meta")) {
    if (!meta->is_object())
      return refuse({ErrorCode::kInvalidParams, "params._meta must be an object when present"});
    if (const Json* token = FindMember(*meta, "progressToken")) {
      if (!IsValidId(*token)) {
        return refuse(
            {ErrorCode::kInvalidParams, "params._meta.progressToken must be a string or an integer"});
      }
      request.progress_token = *token;
    }
  }
  request.id = std::move(message.id);
  request.method = std::move(message.method);
  request.params = std::move(message.params);
  return request;
}

}  // namespace mcpgate
