#include "mcpgate/streamable_http.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <utility>
#include <variant>

#include "mcpgate/http_guard.h"
#include "mcpgate/json.h"
#include "transport/http/event_stream.h"
#include "transport/http/replay_buffer.h"
#include "transport/http/stream_keeper.h"

namespace mcpgate {
namespace {

using http::EventStream;
using http::HeaderList;
using http::ReplayBuffer;

// Revisions are dates: their names sort as they were published.
constexpr std::string_view kFirstThatPolls = "2025-11-25";
constexpr std::string_view kFirstWithoutSessions = "2026-07-28";

// A JSON-RPC error without id: nothing of the body was read.
HttpResponse Refuse(int status, std::int32_t code, std::string_view message, HeaderList headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  return {.status = status,
          .headers = std::move(headers),
          .body = DumpJson({{"jsonrpc", "2.0"}, {"error", {{"code", code}, {"message", message}}}})};
}

constexpr std::int32_t kInvalidRequest = -32600;

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

// Whether a field is that media type, parameters aside.
bool IsMediaType(std::string_view field, std::string_view type) {
  field = field.substr(0, field.find(';'));
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  return EqualsIgnoreCase(field, type);
}

// Whether a list such as Accept names it.
bool Names(std::string_view list, std::string_view type) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (IsMediaType(list.substr(0, comma), type)) return true;
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
          {"Access-Control-Expose-Headers",
           "Mcp-Session-Id, WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy"},
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
        replay_(std::make_shared<ReplayBuffer>(options_.replay)),
        keeper_({.comment_after = options_.keep_alive,
                 .disconnect_after = options_.disconnect_after,
                 .retry = std::chrono::ceil<std::chrono::milliseconds>(options_.retry)},
                replay_, [server = options_.server] { server->EndRefusedStreams(); }) {}

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
    if (!type || !IsMediaType(*type, "application/json") || request.Find("Content-Encoding")) {
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

  void AddHeaders(const HttpRequest& request, HttpResponse& answer) override {
    if (PathOf(request.target) != options_.path || guard_.Check(request)) return;
    for (auto& field : CorsOf(request)) answer.headers.push_back(std::move(field));
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
    const bool reads_events = AcceptsEvents(request);
    auto stream =
        std::make_shared<EventStream>(exchange, CorsOf(request), reads_events,
                                      reads_events ? ResumptionOf(request, credentials) : std::nullopt);
    exchange->OnGone([gone, weak = std::weak_ptr(stream), left = std::weak_ptr(exchange)]() mutable {
      gone.request_stop();
      if (const auto kept = weak.lock()) kept->Leave(left);
    });
    exchange.reset();
    options_.server->Handle(
        request.body, {.credentials = credentials, .headers = request.headers, .gone = gone.get_token()},
        stream);
    if (stream.use_count() > 1) keeper_.Watch(stream);  // not answered yet
  }

  // The stream for what belongs to no call, or the rest of one that broke (2025 era).
  void Get(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) {
    if (!AcceptsEvents(request)) {
      return exchange->Respond(
          Refuse(406, kInvalidRequest, "a GET answers with text/event-stream", CorsOf(request)));
    }
    const Credentials credentials = http::ReadCredentials(request);
    auto found = SessionOf(request, credentials);
    if (auto* refused = std::get_if<HttpResponse>(&found)) return exchange->Respond(std::move(*refused));
    const auto& session = std::get<std::shared_ptr<Session>>(found);
    const auto last = request.Find("Last-Event-ID");
    if (last && !last->empty() && Resumes(request)) {
      return Resume(request, *last, session, std::move(exchange));
    }
    auto stream = std::make_shared<EventStream>(exchange, CorsOf(request), /*reads_events=*/true,
                                                ResumptionOf(request, session));
    stream->Begin();
    stream->Hold(options_.server->HoldSession(session));
    LeaveWhenGone(exchange, stream);
    keeper_.Watch(stream);
    options_.server->AttachStream(session, credentials, std::move(stream));
  }

  // Never 404, which would tell the client that its session has ended.
  void Resume(const HttpRequest& request, std::string_view last, const std::shared_ptr<Session>& session,
              std::shared_ptr<HttpExchange> exchange) {
    const auto place = replay_->Find(last, session);
    if (!place) {
      return exchange->Respond(Refuse(400, kInvalidRequest,
                                      "this session keeps no stream with the event of Last-Event-ID; open a "
                                      "stream without it",
                                      CorsOf(request)));
    }
    if (const auto stream = place->live.lock()) {
      stream->Continue(exchange, CorsOf(request), place->number, options_.server->HoldSession(session));
      return LeaveWhenGone(exchange, stream);
    }
    exchange->BeginStream(http::StreamHead(CorsOf(request)));
    if (std::string missed = replay_->After(place->stream, place->number); !missed.empty()) {
      exchange->Write(std::move(missed));
    }
    exchange->End();
  }

  static void LeaveWhenGone(const std::shared_ptr<HttpExchange>& exchange,
                            const std::shared_ptr<EventStream>& stream) {
    exchange->OnGone([weak = std::weak_ptr(stream), left = std::weak_ptr(exchange)] {
      if (const auto kept = weak.lock()) kept->Leave(left);
    });
  }

  // Whether the request is of an era whose streams are resumed.
  bool Resumes(const HttpRequest& request) const {
    const auto version = request.Find("MCP-Protocol-Version");
    return options_.replay.events_of_session > 0 && (!version || *version < kFirstWithoutSessions);
  }

  std::optional<http::Resumption> ResumptionOf(const HttpRequest& request,
                                               const std::shared_ptr<Session>& session) {
    if (session == nullptr || !Resumes(request)) return std::nullopt;
    return http::Resumption{.buffer = replay_,
                            .session = session,
                            .polls = options_.server->ProtocolVersion(*session) >= kFirstThatPolls};
  }

  std::optional<http::Resumption> ResumptionOf(const HttpRequest& request, const Credentials& credentials) {
    const auto id = request.Find("Mcp-Session-Id");
    if (!id || !Resumes(request)) return std::nullopt;
    return ResumptionOf(request, options_.server->FindSession(*id, credentials));
  }

  HttpResponse Delete(const HttpRequest& request) {
    auto session = SessionOf(request, http::ReadCredentials(request));
    if (auto* refused = std::get_if<HttpResponse>(&session)) return std::move(*refused);
    options_.server->EndSession(*std::get<std::shared_ptr<Session>>(session));
    replay_->Forget(std::get<std::shared_ptr<Session>>(session));
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
  const std::shared_ptr<ReplayBuffer> replay_;  // shared: calls in flight may outlive the handler
  http::StreamKeeper keeper_;
};

}  // namespace

// Of every answer to a call, so its formats are read by the compiler.
void AddLimitHeaders(const RulingLimit& limit, Nanos retry_after, HttpResponse& answer) {
  const auto seconds = [](Nanos span) { return std::chrono::ceil<std::chrono::seconds>(span).count(); };
  const bool must_wait = retry_after.count() > 0;
  if (must_wait) answer.headers.emplace_back("Retry-After", std::to_string(seconds(retry_after)));
  if (limit.name.empty()) return;
  answer.headers.emplace_back("RateLimit-Policy", fmt::format(FMT_COMPILE("\"{}\";q={};w={}"), limit.name,
                                                              limit.limit, seconds(limit.window)));
  std::string left = fmt::format(FMT_COMPILE("\"{}\";r={}"), limit.name, limit.remaining);
  if (must_wait) left += fmt::format(";t={}", seconds(retry_after));
  answer.headers.emplace_back("RateLimit", std::move(left));
}

absl::StatusOr<std::shared_ptr<HttpHandler>> NewStreamableHttp(StreamableHttpOptions options) {
  if (options.server == nullptr) return absl::InvalidArgumentError("StreamableHttpOptions.server is not set");
  if (options.gate == nullptr) return absl::InvalidArgumentError("StreamableHttpOptions.gate is not set");
  if (!options.path.starts_with('/')) {
    return absl::InvalidArgumentError("StreamableHttpOptions.path must begin with \"/\"");
  }
  if (options.keep_alive <= Nanos(0)) {
    return absl::InvalidArgumentError("StreamableHttpOptions.keep_alive must be positive");
  }
  if (options.disconnect_after < Nanos(0) || options.retry < Nanos(0)) {
    return absl::InvalidArgumentError(
        "StreamableHttpOptions.disconnect_after and retry must not be negative");
  }
  return std::make_shared<StreamableHttp>(std::move(options));
}

}  // namespace mcpgate
