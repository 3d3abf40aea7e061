// HTTP, the one kind of exchange that many have under way at once.
#include "net/curl_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "net/blocked_signals.h"
#include "net/curl_socket.h"

namespace mcpgate::net {
namespace {

constexpr long kConnectTimeoutMs = 10'000;
constexpr int kBusyPollMs = 1'000;
constexpr int kIdlePollMs = 60'000;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

enum class Stage { kWaiting, kSent, kAbandoned };

// One exchange. The caller waits on `done`; everything else belongs to the worker once it is queued.
struct Transfer {
  HttpRequest request;
  std::unique_ptr<curl_slist, FreeList> header_list;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::array<char, CURL_ERROR_SIZE> error{};
  HttpResponse response;
  std::size_t header_bytes = 0;
  std::size_t max_header_bytes = 0;
  bool refused_address = false;
  std::string_view too_large;  // which part of the answer went beyond its bound

  // Whoever moves it from kWaiting first decides: a request is either on its way or certainly unsent.
  std::atomic<Stage> stage{Stage::kWaiting};
  std::atomic<bool> abandoned{false};

  std::condition_variable_any finished;
  Mutex mutex;
  std::optional<absl::StatusOr<HttpResponse>> result MCPGATE_GUARDED_BY(mutex);

  Delivery delivery() const { return stage == Stage::kSent ? Delivery::kMaybeSent : Delivery::kNotSent; }
};
using TransferPtr = std::shared_ptr<Transfer>;

// Called after the connection stands and before the first byte of the request. A second call for one transfer
// is libcurl repeating the request because a reused connection gave no byte of an answer; the server may have
// acted on the first, so only a repeatable request goes on.
int OnRequestStart(void* context, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(context);
  Stage stage = Stage::kWaiting;
  if (transfer.stage.compare_exchange_strong(stage, Stage::kSent)) return CURL_PREREQFUNC_OK;
  const bool may_repeat = stage == Stage::kSent && transfer.request.repeatable;
  return may_repeat ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t OnBody(char* bytes, std::size_t, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.response.body.size() + count > transfer.request.max_response) {
    transfer.too_large = "body";
    return 0;
  }
  transfer.response.body.append(bytes, count);
  return count;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::size_t OnHeader(char* bytes, std::size_t, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.header_bytes += count;
  if (transfer.header_bytes > transfer.max_header_bytes) {
    transfer.too_large = "header";
    return 0;
  }
  const std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.Clear();  // those of an interim (1xx) answer do not count
    return count;
  }
  const std::size_t colon = line.find(':');
  if (colon != line.npos) {
    transfer.response.headers.Add(std::string(Trimmed(line.substr(0, colon))),
                                  std::string(Trimmed(line.substr(colon + 1))));
  }
  return count;
}

long Milliseconds(Nanos span) {
  return std::max<long>(1, std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

bool SetMethod(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const HttpRequest& request = transfer.request;
  if (request.method == "GET") return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
  if (!request.body.empty() || request.method != "DELETE") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str()) == CURLE_OK;
}

bool SetHeaders(Transfer& transfer) {
  const auto append = [&](const std::string& line) {
    curl_slist* grown = curl_slist_append(transfer.header_list.get(), line.c_str());
    if (grown == nullptr) return false;
    static_cast<void>(transfer.header_list.release());
    transfer.header_list.reset(grown);
    return true;
  };
  // "Expect: 100-continue" would cost a round trip on large bodies.
  if (!append("Expect:")) return false;
  for (const auto& [name, value] : transfer.request.headers.lines()) {
    if (!append(value.empty() ? name + ";" : name + ": " + value)) return false;
  }
  return curl_easy_setopt(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.header_list.get()) == CURLE_OK;
}

// The answers that matter are checked: without these options the promises of the header would not hold.
bool SetSafety(CURL* easy) {
  bool ok = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
  ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
  return ok;
}

bool SetCallbacks(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  bool ok = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &OnRequestStart) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader) == CURLE_OK;
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  return ok;
}

bool Configure(Transfer& transfer) {
  transfer.easy.reset(curl_easy_init());
  CURL* easy = transfer.easy.get();
  if (easy == nullptr || !SetSafety(easy) || !SetCallbacks(transfer)) return false;
  const long timeout = Milliseconds(transfer.request.timeout);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, kConnectTimeoutMs));
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name server that hangs must not hold up the others
#endif
  if (transfer.request.public_only && !PublicOnly(easy, transfer.refused_address)) return false;
  // A proxy cannot reach this machine's own loopback, whatever the environment says.
  if (IsLoopback(transfer.request.url)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  return curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str()) == CURLE_OK &&
         SetMethod(transfer) && SetHeaders(transfer);
}

absl::Status FailureOf(const Transfer& transfer, CURLcode code) {
  const std::string_view origin = OriginOf(transfer.request.url);
  if (!transfer.too_large.empty()) {
    const std::size_t bound =
        transfer.too_large == "body" ? transfer.request.max_response : transfer.max_header_bytes;
    return TransportError(
        absl::StatusCode::kResourceExhausted,
        fmt::format("the {} of the answer of {} is larger than {} bytes", transfer.too_large, origin, bound),
        Delivery::kMaybeSent);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return TransportError(
        absl::StatusCode::kDeadlineExceeded,
        fmt::format("{} did not answer within {} ms", origin, Milliseconds(transfer.request.timeout)),
        transfer.delivery());
  }
  const std::string_view detail = transfer.refused_address ? kNotPublic
                                  : transfer.error[0] != '\0' && code != CURLE_ABORTED_BY_CALLBACK
                                      ? transfer.error.data()
                                      : "the connection closed before an answer came";
  return TransportError(absl::StatusCode::kUnavailable, fmt::format("no answer from {}: {}", origin, detail),
                        transfer.delivery());
}

void Complete(Transfer& transfer, absl::StatusOr<HttpResponse> result) {
  {
    MutexLock lock(transfer.mutex);
    if (!transfer.result.has_value()) transfer.result = std::move(result);
  }
  transfer.finished.notify_all();
}

absl::Status Stopped(Delivery delivery) {
  return TransportError(absl::StatusCode::kCancelled, "the request was stopped before an answer came",
                        delivery);
}

class CurlClient : public HttpClient {
 public:
  explicit CurlClient(CurlClientOptions options) : options_(options) {}
  ~CurlClient() override;

  absl::StatusOr<HttpResponse> Send(HttpRequest request, std::stop_token stop) override;

 private:
  absl::Status Enqueue(TransferPtr transfer);
  absl::Status Start();
  void Run();
  bool TakeQueued();
  void DropAbandoned();
  void CollectFinished();
  void Finish(CURL* easy, absl::StatusOr<HttpResponse> result);

  const CurlClientOptions options_;
  CURLM* multi_ = nullptr;  // set by Start, then constant; wake-ups may come from any thread
  std::unordered_map<CURL*, TransferPtr> active_;  // worker only

  Mutex mutex_;
  std::vector<TransferPtr> queued_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t in_flight_ MCPGATE_GUARDED_BY(mutex_) = 0;
  bool stopping_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread worker_ MCPGATE_GUARDED_BY(mutex_);
};

CurlClient::~CurlClient() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  if (!worker_.joinable()) return;
  curl_multi_wakeup(multi_);
  worker_.join();
  curl_multi_cleanup(multi_);
}

absl::StatusOr<HttpResponse> CurlClient::Send(HttpRequest request, std::stop_token stop) {
  if (absl::Status fit = CheckHttpRequest(request); !fit.ok()) return fit;
  if (stop.stop_requested()) return Stopped(Delivery::kNotSent);
  if (request.timeout <= Nanos(0)) {
    return TransportError(absl::StatusCode::kDeadlineExceeded, "no time was left for the request",
                          Delivery::kNotSent);
  }
  auto transfer = std::make_shared<Transfer>();
  transfer->request = std::move(request);
  transfer->max_header_bytes = options_.max_header_bytes;
  if (absl::Status queued = Enqueue(transfer); !queued.ok()) return queued;

  CondLock lock(transfer->mutex);
  transfer->finished.wait(lock, stop,
                          [&]() MCPGATE_REQUIRES(transfer->mutex) { return transfer->result.has_value(); });
  if (transfer->result.has_value()) return std::move(*transfer->result);
  lock.unlock();
  Stage stage = Stage::kWaiting;
  transfer->stage.compare_exchange_strong(stage, Stage::kAbandoned);
  transfer->abandoned = true;
  curl_multi_wakeup(multi_);
  return Stopped(transfer->delivery());
}

absl::Status CurlClient::Enqueue(TransferPtr transfer) {
  if (absl::Status started = Start(); !started.ok()) return started;
  if (!Configure(*transfer)) {
    return TransportError(absl::StatusCode::kInternal, "libcurl refused an option it is built to take",
                          Delivery::kNotSent);
  }
  {
    MutexLock lock(mutex_);
    if (in_flight_ >= options_.max_in_flight) {
      return TransportError(absl::StatusCode::kResourceExhausted,
                            fmt::format("{} requests are under way; try again in a moment", in_flight_),
                            Delivery::kNotSent);
    }
    ++in_flight_;
    queued_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_);
  return absl::OkStatus();
}

absl::Status CurlClient::Start() {
  MutexLock lock(mutex_);
  if (worker_.joinable()) return absl::OkStatus();
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);  // once a process, thread-safely
  multi_ = global == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi_ == nullptr)
    return TransportError(absl::StatusCode::kInternal, "libcurl does not start", Delivery::kNotSent);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, options_.max_connections);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.max_connections);
  const BlockedSignals blocked;  // SIGPIPE must not come from OpenSSL's writes there
  worker_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void CurlClient::Run() {
  while (TakeQueued()) {
    DropAbandoned();
    int running = 0;
    curl_multi_perform(multi_, &running);
    CollectFinished();
    curl_multi_poll(multi_, nullptr, 0, active_.empty() ? kIdlePollMs : kBusyPollMs, nullptr);
  }
  while (!active_.empty()) {
    CURL* easy = active_.begin()->first;
    Finish(easy, Stopped(active_.begin()->second->delivery()));
  }
}

bool CurlClient::TakeQueued() {
  std::vector<TransferPtr> fresh;
  bool stopping = false;
  {
    MutexLock lock(mutex_);
    fresh.swap(queued_);
    stopping = stopping_;
  }
  for (TransferPtr& transfer : fresh) {
    CURL* easy = transfer->easy.get();
    active_.emplace(easy, std::move(transfer));
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) {
      Finish(easy, TransportError(absl::StatusCode::kInternal, "libcurl took no further request",
                                  Delivery::kNotSent));
    }
  }
  return !stopping;
}

void CurlClient::DropAbandoned() {
  std::vector<CURL*> gone;
  for (const auto& [easy, transfer] : active_) {
    if (transfer->abandoned) gone.push_back(easy);
  }
  for (CURL* easy : gone) Finish(easy, Stopped(Delivery::kMaybeSent));
}

void CurlClient::CollectFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    Transfer& transfer = *active_.at(easy);
    if (code != CURLE_OK) {
      Finish(easy, FailureOf(transfer, code));
      continue;
    }
    long status = 0;
    curl_off_t micros = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
    transfer.response.status = static_cast<int>(status);
    transfer.response.elapsed = std::chrono::microseconds(micros);
    Finish(easy, std::move(transfer.response));
  }
}

void CurlClient::Finish(CURL* easy, absl::StatusOr<HttpResponse> result) {
  curl_multi_remove_handle(multi_, easy);
  auto node = active_.extract(easy);
  const TransferPtr transfer = std::move(node.mapped());
  transfer->easy.reset();
  {
    MutexLock lock(mutex_);
    --in_flight_;
  }
  Complete(*transfer, std::move(result));
}

}  // namespace

std::unique_ptr<HttpClient> NewCurlClient(CurlClientOptions options) {
  return std::make_unique<CurlClient>(options);
}

}  // namespace mcpgate::net
