#include "protocol/request.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "mcpgate/trace_context.h"

namespace mcpgate {
namespace {

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
std::optional<Rejection> ReadClaim(RequestMeta& meta, Request& request) {
  const std::string* version = meta.version->get_ptr<const std::string*>();
  if (version == nullptr) return BadMeta(fmt::format("params._meta[\"{}\"] must be a string", kVersionKey));
  if (!meta.capabilities || !meta.capabilities->is_object()) {
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
  request.capabilities = std::make_shared<const Json>(*std::move(meta.capabilities));
  request.log_level.reset();
  if (meta.log_level) {
    const std::string* name = meta.log_level->get_ptr<const std::string*>();
    request.log_level = name == nullptr ? std::nullopt : ParseLogLevel(*name);
    if (!request.log_level) return BadMeta(fmt::format("params._meta[\"{}\"] is no log level", kLogLevelKey));
  }
  return std::nullopt;
}

// A malformed one is nobody's reason to refuse a request (W3C trace context: it is ignored).
void ReadTrace(const RequestMeta& meta, Request& request) {
  const std::string* text = meta.trace_parent ? meta.trace_parent->get_ptr<const std::string*>() : nullptr;
  if (text != nullptr && !TraceIdOf(*text).empty()) request.trace_parent = *text;
}

std::optional<Rejection> ReadMeta(Message& message, Request& request) {
  if (message.meta.shape == RequestMeta::Shape::kAbsent) return std::nullopt;
  if (message.meta.shape == RequestMeta::Shape::kWrong) {
    return BadMeta("params._meta must be an object when present");
  }
  if (ClaimsRevision(message)) {
    if (auto bad = ReadClaim(message.meta, request)) return bad;
    if (request.headers) {
      if (auto bad = CheckMethodHeaders(*request.headers, message.method, message.params)) return bad;
    }
  }
  if (auto& token = message.meta.progress_token) {
    if (!IsValidId(*token)) return BadMeta("params._meta.progressToken must be a string or an integer");
    request.progress_token = *std::move(token);
  }
  ReadTrace(message.meta, request);
  return std::nullopt;
}

}  // namespace

bool ClaimsRevision(const Message& message) { return message.meta.version.has_value(); }

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
