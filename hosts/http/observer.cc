#include "http/observer.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <utility>

#include "http/client_address.h"
#include "http/router.h"
#include "mcpgate/clock.h"
#include "mcpgate/trace_context.h"

namespace mcpgate::hosts {
namespace {

constexpr int kClientLeft = 499;  // nobody defines it; nginx's word for it, and widely read

bool IsAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The code of a JSON-RPC error. DumpJson sorts members, so ours begin like this.
int CodeOf(int status, std::string_view body) {
  constexpr std::string_view kBegin = R"({"error":{"code":)";
  int code = status;
  if (!body.starts_with(kBegin)) return code;
  body.remove_prefix(kBegin.size());
  std::from_chars(body.data(), body.data() + body.size(), code);
  return code > 0 ? code : status;
}

struct Observed {
  PathClass path = PathClass::kOther;
  bool is_head = false;
  AccessEntry entry;
};

// One exchange, watched. What is counted is decided once, by whatever ends it.
class ObservedExchange final : public HttpExchange {
 public:
  ObservedExchange(std::shared_ptr<HttpExchange> inner, std::shared_ptr<Observations> into, Observed observed)
      : inner_(std::move(inner)),
        into_(std::move(into)),
        observed_(std::move(observed)),
        began_(Clock::System().Steady()) {}

  ~ObservedExchange() override {
    if (status_ == 0) status_ = *left_ ? kClientLeft : 500;
    observed_.entry.broken = streaming_ && !ended_;
    Conclude();
  }

  void Respond(HttpResponse response) override {
    if (status_.exchange(*left_ ? kClientLeft : response.status) == 0) {
      Answered();
      if (!observed_.is_head) bytes_ += response.body.size();
      if (response.status >= 400) into_->traffic.Refused(CodeOf(response.status, response.body));
    }
    // Before its client hears the answer, and may ask for the metrics. The handler may keep the exchange; the
    // request is over all the same.
    Conclude();
    inner_->Respond(std::move(response));
  }

  void BeginStream(HttpResponse head) override {
    if (status_.exchange(head.status) == 0) {
      Answered();
      streaming_ = true;
      into_->traffic.StreamBegan();
    }
    inner_->BeginStream(std::move(head));
  }

  void BeginTunnel(std::function<void(std::string_view)> take) override {
    constexpr int kSwitched = 101;
    if (status_.exchange(kSwitched) == 0) {
      Answered();
      streaming_ = true;
      into_->traffic.StreamBegan();
    }
    inner_->BeginTunnel(std::move(take));
  }

  bool Write(std::string bytes) override {
    const std::size_t size = bytes.size();
    if (!inner_->Write(std::move(bytes))) return false;
    bytes_ += size;
    return true;
  }

  void End() override {
    ended_ = true;
    inner_->End();
    Conclude();
  }

  void OnGone(absl::AnyInvocable<void()> gone) override {
    inner_->OnGone([left = left_, gone = std::move(gone)]() mutable {
      *left = true;
      gone();
    });
  }

 private:
  void Answered() { into_->traffic.Answered(observed_.path, Clock::System().Steady() - began_); }

  void Conclude() {
    if (concluded_.exchange(true)) return;
    if (streaming_) into_->traffic.StreamEnded();
    into_->traffic.Finished(observed_.path, status_);
    observed_.entry.status = status_;
    observed_.entry.bytes = bytes_;
    observed_.entry.took = Clock::System().Steady() - began_;
    into_->log.Write(std::move(observed_.entry));
  }

  const std::shared_ptr<HttpExchange> inner_;
  const std::shared_ptr<Observations> into_;
  const std::shared_ptr<std::atomic<bool>> left_ = std::make_shared<std::atomic<bool>>(false);
  Observed observed_;  // changed by whoever concludes alone
  const Nanos began_;
  std::atomic<int> status_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> streaming_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> concluded_{false};
};

class Observer final : public HttpHandler {
 public:
  Observer(std::shared_ptr<Observations> into, std::string mcp_path, std::vector<IpNetwork> trusted,
           std::shared_ptr<HttpHandler> next)
      : into_(std::move(into)),
        mcp_path_(std::move(mcp_path)),
        trusted_(std::move(trusted)),
        next_(std::move(next)) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    const Nanos began = Clock::System().Steady();
    const std::string client = ClientText(request);
    HttpRequest seen = request;
    seen.peer = client;
    std::optional<HttpResponse> refusal = next_->Screen(seen);
    if (refusal) Note(seen, *refusal, Clock::System().Steady() - began);
    return refusal;
  }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    const std::string client = ClientText(request);
    HttpRequest seen = request;
    seen.peer = client;
    Observed observed = Observe(seen);
    NameKey(seen, observed);
    into_->traffic.Began();
    next_->Handle(seen, std::make_shared<ObservedExchange>(std::move(exchange), into_, std::move(observed)));
  }

  void AddHeaders(const HttpRequest& request, HttpResponse& answer) override {
    next_->AddHeaders(request, answer);
  }

  void OnRefused(const HttpRefusal& refusal) override {
    if (refusal.status == 0) return NoteConnection(refusal);
    Observed observed{.path = PathClass::kUnread};
    if (refusal.request == nullptr) {
      observed.entry.path = PathClassName(observed.path);
      observed.entry.peer = refusal.peer;
    } else {
      const std::string client = ClientText(*refusal.request);
      HttpRequest seen = *refusal.request;
      seen.peer = client;
      observed = Observe(seen);
      if (refusal.was_screened) NameKey(seen, observed);
    }
    Count(std::move(observed), refusal.status, refusal.status, refusal.body_size);
  }

 private:
  std::string ClientText(const HttpRequest& request) const {
    if (trusted_.empty()) return std::string(request.peer);
    const std::optional<IpAddress> client = ClientAddress(request, trusted_);
    return client ? client->ToString() : std::string(request.peer);
  }

  Observed Observe(const HttpRequest& request) const {
    Observed observed{.path = ClassOf(request.target, mcp_path_), .is_head = request.method == "HEAD"};
    if (!into_->log.on()) return observed;
    observed.entry.method = request.method;
    observed.entry.path = PathClassName(observed.path);
    observed.entry.peer = request.peer;
    observed.entry.trace = TraceIdOf(request.Find("traceparent").value_or(""));
    return observed;
  }

  // Of a request that was screened, so that its key was accepted; a preflight shows none.
  void NameKey(const HttpRequest& request, Observed& observed) const {
    const bool has_key = observed.path == PathClass::kAdmin ||
                         (observed.path == PathClass::kMcp && request.method != "OPTIONS");
    if (into_->log.on() && has_key) observed.entry.key = KeyIdOf(request);
  }

  // A request that was refused before its body was read.
  void Note(const HttpRequest& request, const HttpResponse& refusal, Nanos took) const {
    Observed observed = Observe(request);
    into_->traffic.Answered(observed.path, took);
    observed.entry.took = took;
    Count(std::move(observed), refusal.status, CodeOf(refusal.status, refusal.body), refusal.body.size());
  }

  void Count(Observed observed, int status, int code, std::size_t body_size) const {
    into_->traffic.Began();
    into_->traffic.Refused(code);
    into_->traffic.Finished(observed.path, status);
    observed.entry.status = status;
    observed.entry.bytes = observed.is_head ? 0 : body_size;
    into_->log.Write(std::move(observed.entry));
  }

  void NoteConnection(const HttpRefusal& refusal) const {
    into_->traffic.ConnectionRefused(refusal.reason);
    const bool is_tls = refusal.reason == HttpRefusal::Reason::kHandshake;
    into_->log.Write({.path = PathClassName(PathClass::kUnread),
                      .peer = std::string(refusal.peer),
                      .refused = is_tls ? "tls" : "full"});
  }

  const std::shared_ptr<Observations> into_;
  const std::string mcp_path_;
  const std::vector<IpNetwork> trusted_;
  const std::shared_ptr<HttpHandler> next_;
};

}  // namespace

std::string KeyIdOf(const HttpRequest& request) {
  constexpr std::string_view kMark = "_k_";
  constexpr std::size_t kIdSize = 12;
  const auto shown = request.Find("Authorization");
  const std::string_view text = shown ? *shown : request.Find("X-API-Key").value_or("");
  const std::size_t mark = text.find(kMark);
  if (mark == text.npos) return {};
  const std::string_view rest = text.substr(mark + kMark.size());
  if (rest.size() <= kIdSize || rest[kIdSize] != '_') return {};
  const std::string_view id = rest.substr(0, kIdSize);
  return std::all_of(id.begin(), id.end(), IsAlnum) ? std::string(id) : std::string();
}

std::shared_ptr<HttpHandler> NewObserver(std::shared_ptr<Observations> into, std::string mcp_path,
                                         std::vector<IpNetwork> trusted_proxies,
                                         std::shared_ptr<HttpHandler> next) {
  return std::make_shared<Observer>(std::move(into), std::move(mcp_path), std::move(trusted_proxies),
                                    std::move(next));
}

}  // namespace mcpgate::hosts
