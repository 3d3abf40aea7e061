// The HTTP endpoint on a connection without a socket: the first byte says in what pieces the rest arrives.
// How the bytes are cut must not change which requests are seen in them.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/require.h"
#include "fuzz/server.h"
#include "mcpgate/streamable_http.h"
#include "transport/http/connection.h"

using namespace mcpgate;
using fuzz::Require;

namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

/// Shows a key for the client, who cannot know one.
class WithKey final : public HttpHandler {
 public:
  WithKey(std::shared_ptr<HttpHandler> inner, std::string authorization)
      : inner_(std::move(inner)), authorization_(std::move(authorization)) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    Check(request);
    const std::vector<HttpHeader> headers = Headers(request);
    return inner_->Screen({request.method, request.target, headers, {}, request.peer, request.secure});
  }
  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    Check(request);
    seen_.append(request.method)
        .append(" ")
        .append(request.target)
        .append("\n")
        .append(request.body)
        .append("\n");
    const std::vector<HttpHeader> headers = Headers(request);
    inner_->Handle({request.method, request.target, headers, request.body, request.peer, request.secure},
                   std::move(exchange));
  }
  /// Method, target and body of every request that was handled.
  const std::string& seen() const { return seen_; }

 private:
  static void Check(const HttpRequest& request) {
    Require(!request.method.empty() && !request.target.empty(), "a request has a method and a target");
    for (const HttpHeader& header : request.headers) {
      Require(!header.name.empty(), "a field has a name");
      Require(header.value.find_first_of("\r\n") == header.value.npos, "a value is one line");
    }
  }
  std::vector<HttpHeader> Headers(const HttpRequest& request) const {
    std::vector<HttpHeader> headers(request.headers.begin(), request.headers.end());
    headers.insert(headers.begin(), {"Authorization", authorization_});
    return headers;
  }

  const std::shared_ptr<HttpHandler> inner_;
  const std::string authorization_;
  std::string seen_;
};

/// A client that sends given bytes in pieces and then no more, and takes everything at once.
class Wire final : public http::Connection {
 public:
  Wire(http::LoopState& loop, std::string_view bytes, std::size_t piece)
      : Connection(loop, "127.0.0.1", false), bytes_(bytes), piece_(piece) {}

  void Run() {
    Begin();
    while (!is_closed_ && (Write() || Wake() || Read())) {
    }
    if (!is_closed_) OnTick();
    if (!is_closed_) Drop();
    Require(is_closed_, "a connection can be dropped");
  }
  const std::string& said() const { return said_; }

 private:
  void StartRead(std::span<char> room) override {
    Require(room_.empty() && !room.empty(), "one read at a time, with room");
    room_ = room;
  }
  void StartWrite(std::string_view bytes) override {
    Require(writing_.empty() && !bytes.empty(), "one write at a time, of something");
    writing_ = bytes;
  }
  std::size_t WriteNow(std::string_view bytes) override {
    const std::size_t taken = std::min(bytes.size(), piece_);
    said_ += bytes.substr(0, taken);
    return taken;
  }
  void StartClose() override { CloseNow(); }
  void CloseNow() override { is_closed_ = true; }
  bool HasUnread() override { return !bytes_.empty(); }
  std::function<void()> MakeWake() override {
    return [news = has_news_] { *news = true; };
  }

  bool Write() {
    if (writing_.empty()) return false;
    said_ += writing_;
    const std::size_t size = std::exchange(writing_, {}).size();
    OnWritten(false, size);
    return true;
  }
  bool Wake() {
    if (!std::exchange(*has_news_, false)) return false;
    OnWake();
    return true;
  }
  bool Read() {
    if (room_.empty()) return false;
    const std::span<char> room = std::exchange(room_, {});
    const std::size_t size = std::min({piece_, room.size(), bytes_.size()});
    bytes_.copy(room.data(), size);
    bytes_.remove_prefix(size);
    OnRead(size > 0 ? ReadEnd::kBytes : ReadEnd::kEof, size);
    return true;
  }

  std::string_view bytes_;
  const std::size_t piece_;
  std::span<char> room_;
  std::string_view writing_;
  std::string said_;
  bool is_closed_ = false;
  const std::shared_ptr<bool> has_news_ = std::make_shared<bool>(false);  // who answers may outlive this
};

// The requests that are seen in `bytes`.
std::string Requests(testing::Served& served, std::string_view bytes, std::size_t piece) {
  WithKey handler(*NewStreamableHttp({.server = served.server.get(), .gate = served.gate.get()}),
                  "Bearer " + std::string(RevealSecret(served.As("reader").api_key)));
  const HttpListenerOptions options{.max_body = 64 << 10, .max_header = 4 << 10, .max_headers = 20};
  http::LoopState loop{options, handler};
  loop.tick = 1;
  loop.now = kHour;
  loop.date_line = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
  Wire wire(loop, bytes, piece);
  wire.Run();
  Require(wire.said().empty() || wire.said().starts_with("HTTP/1.1 "), "what goes out is an answer");
  served.server->EndStreams();
  return handler.seen();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  testing::Served& served = fuzz::SharedServer();
  const std::string_view bytes = fuzz::TextOf(data + 1, size - 1);
  const std::string whole = Requests(served, bytes, bytes.size() + 1);
  const std::string in_pieces = Requests(served, bytes, 1u + data[0]);
  Require(whole.starts_with(in_pieces), "pieces do not change what requests there are");
  return 0;
}
