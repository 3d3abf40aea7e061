#include "protocol/request.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace mcpgate {
namespace {

constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char kCapabilitiesKey[] = "io.modelcontextprotocol/clientCapabilities";
constexpr char kLogLevelKey[] = "io.modelcontextprotocol/logLevel";

constexpr std::array<std::string_view, 8> kLevels = {"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};

// A request that cannot be served at all, as opposed to one whose method fails.
Rejection BadRequest(Rejection rejection) {
  rejection.http_status = 400;
  return rejection;
}

Rejection BadMeta(std::string text) { return BadRequest({ErrorCode::kInvalidParams, std::move(text)}); }

// What a modern request says in `_meta`, or why the claim does not hold. The order of the checks is the
// specification's: a header that disagrees outranks a version that is not served.
std::optional<Rejection> ReadClaim(const Json& meta, Request& request) {
  const std::string* version = FindString(meta, kVersionKey);
  if (version == nullptr) return BadMeta(fmt::format("params._meta[\"{}\"] must be a string", kVersionKey));
  const Json* capabilities = FindObject(meta, kCapabilitiesKey);
  if (capabilities == nullptr) {
    return BadMeta(
        fmt::format("params._meta[\"{}\"] must be an object; send {{}} for none", kCapabilitiesKey));
  }
  if (request.headers) {
    if (auto bad = CheckVersionHeader(*request.headers, *version)) return bad;
  }
  const std::optional<Revision> revision = ParseRevision(*version);
  if (!revision || !IsModern(*revision)) {
    return Rejection(ErrorCode::kUnsupportedVersion, "this protocol version is not served",
                     {{"supported", ModernRevisions()}, {"requested", *version}});
  }
  request.revision = *revision;
  request.capabilities = std::make_shared<const Json>(*capabilities);
  request.log_level.reset();
  if (const Json* level = FindMember(meta, kLogLevelKey)) {
    const std::string* name = level->get_ptr<const std::string*>();
    request.log_level = name == nullptr ? std::nullopt : ParseLogLevel(*name);
    if (!request.log_level) return BadMeta(fmt::format("params._meta[\"{}\"] is no log level", kLogLevelKey));
  }
  return std::nullopt;
}

std::optional<Rejection> ReadMeta(const Message& message, Request& request) {
  const Json* meta = FindMember(message.params, "_meta");
  if (meta == nullptr) return std::nullopt;
  if (!meta->is_object()) return BadMeta("params._meta must be an object when present");
  if (ClaimsRevision(message)) {
    if (auto bad = ReadClaim(*meta, request)) return bad;
    if (request.headers) {
      if (auto bad = CheckMethodHeaders(*request.headers, message.method, message.params)) return bad;
    }
  }
  if (const Json* token = FindMember(*meta, "progressToken")) {
    if (!IsValidId(*token)) return BadMeta("params._meta.progressToken must be a string or an integer");
    request.progress_token = *token;
  }
  return std::nullopt;
}

}  // namespace

bool ClaimsRevision(const Message& message) {
  const Json* meta = FindObject(message.params, "_meta");
  return meta != nullptr && meta->contains(kVersionKey);
}

std::variant<Request, Rejection> ReadRequest(Message message, const Settled& settled,
                                             std::optional<HeaderSpan> headers) {
  Request request;
  request.revision = settled.revision;
  request.capabilities = settled.capabilities;
  request.log_level = settled.log_level;
  request.headers = headers;
  if (auto bad = ReadMeta(message, request)) {
    bad->id = message.id;
    return *std::move(bad);
  }
  request.id = std::move(message.id);
  request.method = std::move(message.method);
  request.params = std::move(message.params);
  return request;
}

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string_view LogLevelName(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

}  // namespace mcpgate
