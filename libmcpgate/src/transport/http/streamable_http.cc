#include "mcpgate/streamable_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <utility>
#include <variant>

#include "mcpgate/json.h"
#include "transport/http/event_stream.h"
#include "transport/http/field.h"
#include "transport/http/guard.h"

namespace mcpgate {
namespace {

using http::EventStream;
using http::HeaderList;

// A JSON-RPC error without id: nothing of the body was read.
HttpResponse Refuse(int status, std::int32_t code, std::string_view message, HeaderList headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  return {.status = status,
          .headers = std::move(headers),
          .body = DumpJson({{"jsonrpc", "2.0"}, {"error", {{"code", code}, {"message", message}}}})};
}

constexpr std::int32_t kInvalidRequest = -32600;

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

// Whether a list such as Accept or a field such as Content-Type names the media type, parameters aside.
bool Names(std::string_view list, std::string_view type) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    one = one.substr(0, one.find(';'));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (http::EqualsIgnoreCase(one, type)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool AcceptsEvents(const HttpRequest& request) {
  const auto accept = request.Find("Accept");
  return accept && (Names(*accept, "text/event-stream") || Names(*accept, "text/*") || Names(*accept, "*/*"));
}

// What lets a page of an allowed origin read the answer (Fetch standard, "CORS protocol").
HeaderList CorsOf(const HttpRequest& request) {
  const auto origin = request.Find("Origin");
  if (!origin) return {};
  return {{"Access-Control-Allow-Origin", std::string(*origin)},
          {"Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate, Retry-After"},
          {"Vary", "Origin"}};
}

HttpResponse Preflight(const HttpRequest& request) {
  HeaderList headers = CorsOf(request);
  headers.emplace_back("Access-Control-Allow-Methods", "POST, GET, DELETE");
  // Mcp-Param-* are of the tools' choice, so what the page asks for is repeated.
  const auto asked = request.Find("Access-Control-Request-Headers");
  headers.emplace_back("Access-Control-Allow-Headers",
                       asked ? std::string(*asked) : "Authorization, Content-Type, MCP-Protocol-Version");
  headers.emplace_back("Access-Control-Max-Age", "600");
  return {.status = 204, .headers = std::move(headers)};
}

class StreamableHttp final : public HttpHandler {
 public:
  explicit StreamableHttp(StreamableHttpOptions options)
      : options_(std::move(options)),
        guard_(options_.allowed_hosts, options_.allowed_origins),
        keeper_(options_.keep_alive) {}

  // Before the body is read: who asks, how, and whether it can be a message at all. Authentication comes
  // before anything that would tell a stranger more.
  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    if (PathOf(request.target) != options_.path)
      return Refuse(404, kInvalidRequest, "there is nothing at this path");
    if (auto bad = guard_.Check(request)) return Refuse(403, kInvalidRequest, *bad);
    if (request.method == "OPTIONS") return std::nullopt;
    const auto known = options_.gate->Authenticate(http::ReadCredentials(request));
    if (!known.ok()) return RefuseStranger(request, known.status());
    if (request.method == "GET" || request.method == "DELETE") return std::nullopt;
    if (request.method != "POST") {
      return Refuse(405, kInvalidRequest, "use POST, GET or DELETE",
                    {{"Allow", "POST, GET, DELETE, OPTIONS"}});
    }
    const auto type = request.Find("Content-Type");
    if (!type || !Names(*type, "application/json") || request.Find("Content-Encoding")) {
      return Refuse(415, kInvalidRequest, "send application/json, not encoded", CorsOf(request));
    }
    return std::nullopt;
  }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    if (request.method == "POST") return Post(request, std::move(exchange));
    if (request.method == "GET") return Get(request, std::move(exchange));
    if (request.method == "DELETE") return exchange->Respond(Delete(request));
    exchange->Respond(Preflight(request));
  }

 private:
  static HttpResponse RefuseStranger(const HttpRequest& request, const absl::Status& status) {
    HeaderList headers = CorsOf(request);
    const std::optional<Refusal> refusal = RefusalOf(status);
    const int code = refusal ? refusal->code : Refusal::kStoreUnavailable;
    if (code == Refusal::kInvalidCredential) headers.emplace_back("WWW-Authenticate", "Bearer");
    return Refuse(code / 100, code, refusal ? refusal->message : "keys cannot be checked now; try again",
                  std::move(headers));
  }

  void Post(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) {
    const Credentials credentials = http::ReadCredentials(request);
    std::stop_source gone;
    auto stream = std::make_shared<EventStream>(exchange, CorsOf(request), AcceptsEvents(request));
    exchange->OnGone([gone]() mutable { gone.request_stop(); });
    options_.server->Handle(
        request.body, {.credentials = credentials, .headers = request.headers, .gone = gone.get_token()},
        stream);
    if (stream.use_count() > 1) keeper_.Watch(stream);  // not answered yet
  }

  // The stream for what belongs to no call (2025 era).
  void Get(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) {
    if (!AcceptsEvents(request)) {
      return exchange->Respond(
          Refuse(406, kInvalidRequest, "a GET answers with text/event-stream", CorsOf(request)));
    }
    const Credentials credentials = http::ReadCredentials(request);
    auto session = SessionOf(request, credentials);
    if (auto* refused = std::get_if<HttpResponse>(&session)) return exchange->Respond(std::move(*refused));
    auto stream = std::make_shared<EventStream>(std::move(exchange), CorsOf(request), /*reads_events=*/true);
    stream->Begin();
    keeper_.Watch(stream);
    options_.server->AttachStream(std::get<std::shared_ptr<Session>>(session), credentials,
                                  std::move(stream));
  }

  HttpResponse Delete(const HttpRequest& request) {
    auto session = SessionOf(request, http::ReadCredentials(request));
    if (auto* refused = std::get_if<HttpResponse>(&session)) return std::move(*refused);
    options_.server->EndSession(*std::get<std::shared_ptr<Session>>(session));
    return {.status = 204, .headers = CorsOf(request)};
  }

  std::variant<std::shared_ptr<Session>, HttpResponse> SessionOf(const HttpRequest& request,
                                                                 const Credentials& credentials) {
    const auto id = request.Find("Mcp-Session-Id");
    if (!id) return Refuse(400, kInvalidRequest, "the Mcp-Session-Id header is missing", CorsOf(request));
    if (auto session = options_.server->FindSession(*id, credentials)) return session;
    return Refuse(404, kInvalidRequest, "there is no such session; send initialize again", CorsOf(request));
  }

  const StreamableHttpOptions options_;
  const http::HostGuard guard_;
  http::StreamKeeper keeper_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<HttpHandler>> NewStreamableHttp(StreamableHttpOptions options) {
  if (options.server == nullptr) return absl::InvalidArgumentError("StreamableHttpOptions.server is not set");
  if (options.gate == nullptr) return absl::InvalidArgumentError("StreamableHttpOptions.gate is not set");
  if (!options.path.starts_with('/')) {
    return absl::InvalidArgumentError("StreamableHttpOptions.path must begin with \"/\"");
  }
  if (options.keep_alive <= Nanos(0)) {
    return absl::InvalidArgumentError("StreamableHttpOptions.keep_alive must be positive");
  }
  return std::make_shared<StreamableHttp>(std::move(options));
}

}  // namespace mcpgate
