#include "otlp/sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stop_token>
#include <utility>
#include <vector>

#include "net/curl_client.h"
#include "otlp/log_record.h"

namespace mcpgate::otlp {
namespace {

constexpr std::size_t kMaxWaiting = 512;
constexpr Nanos kFirstPause = std::chrono::milliseconds(250);
constexpr Nanos kLongestPause = std::chrono::seconds(30);

// The protocol's list of answers after which a request may be repeated.
bool IsPassing(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

Nanos RetryAfter(const net::HttpResponse& response, Nanos otherwise) {
  const std::string* text = response.headers.Find("Retry-After");
  int seconds = 0;
  if (text == nullptr) return otherwise;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (parsed.ec != std::errc() || seconds < 0) return otherwise;
  return std::min<Nanos>(std::chrono::seconds(seconds), kLongestPause);
}

// A 64-bit number is a text in the JSON form of protocol buffers, and some write a number all the same.
std::int64_t RejectedOf(const Json& partial) {
  const std::string text = StringOr(partial, "rejectedLogRecords", "");
  std::int64_t number = IntegerOr(partial, "rejectedLogRecords", 0);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Not thread-safe.
class Sink final : public AuditSink {
 public:
  Sink(OtlpOptions options, std::unique_ptr<net::HttpClient> client)
      : options_(std::move(options)), client_(std::move(client)) {}

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    if (waiting_.size() >= kMaxWaiting) return absl::ResourceExhaustedError("OTLP: too many records wait");
    waiting_.push_back(LogRecordJson(record, options_.clock->Now()));
    return durability == AuditDurability::kBefore ? Flush() : absl::OkStatus();
  }
  absl::Status Ready() override { return absl::OkStatus(); }
  absl::Status Flush() override {
    if (waiting_.empty()) return absl::OkStatus();
    if (options_.clock->Steady() < not_before_) return why_;
    const absl::StatusOr<net::HttpResponse> response = client_->Send(Request(), std::stop_token());
    if (!response.ok())
      return Later(fmt::format("no answer: {}", std::string(response.status().message())), pause_);
    if (IsPassing(response->status))
      return Later(fmt::format("the collector answers {}", response->status), RetryAfter(*response, pause_));
    pause_ = kFirstPause;
    const std::size_t sent = std::exchange(waiting_, {}).size();
    return VerdictOf(*response, sent);
  }

 private:
  net::HttpRequest Request() const {
    net::HttpRequest request{.method = "POST",
                             .url = options_.url,
                             .body = RequestText(options_.service, waiting_),
                             .timeout = options_.timeout,
                             .max_response = 64u << 10};
    request.headers.Add("Content-Type", "application/json");
    for (const auto& [name, value] : options_.headers)
      request.headers.Add(name, std::string(RevealSecret(value)));
    return request;
  }

  absl::Status Later(std::string_view why, Nanos pause) {
    why_ = absl::UnavailableError(fmt::format("OTLP: {}", why));
    not_before_ = options_.clock->Steady() + pause;
    pause_ = std::min(pause_ * 2, kLongestPause);
    return why_;
  }

  static absl::Status VerdictOf(const net::HttpResponse& response, std::size_t sent) {
    if (response.status / 100 != 2)
      return absl::UnavailableError(
          fmt::format("OTLP: the collector refused {} records: {}", sent, response.status));
    const absl::StatusOr<Json> answer = ParseJson(response.body);
    const Json* partial = answer.ok() ? FindObject(*answer, "partialSuccess") : nullptr;
    const std::int64_t rejected = partial == nullptr ? 0 : RejectedOf(*partial);
    if (rejected == 0) return absl::OkStatus();
    return absl::UnavailableError(
        fmt::format("OTLP: the collector refused {} of {} records", rejected, sent));
  }

  const OtlpOptions options_;
  const std::unique_ptr<net::HttpClient> client_;
  std::vector<Json> waiting_;
  Nanos not_before_{0}, pause_ = kFirstPause;
  absl::Status why_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AuditSink>> NewSink(OtlpOptions options,
                                                   std::unique_ptr<net::HttpClient> client) {
  if (options.clock == nullptr) return absl::InvalidArgumentError("OtlpOptions::clock: missing");
  net::HttpRequest probe{.method = "POST", .url = options.url};
  for (const auto& [name, value] : options.headers) probe.headers.Add(name, std::string(RevealSecret(value)));
  if (absl::Status status = net::CheckHttpRequest(probe); !status.ok())
    return absl::InvalidArgumentError(fmt::format("OTLP: {}", std::string(status.message())));
  if (!options.headers.empty() && options.url.starts_with("http://") && !net::IsLoopback(options.url))
    return absl::InvalidArgumentError("OTLP: a collector on another machine gets secrets over https alone");
  return std::make_unique<Sink>(std::move(options), std::move(client));
}

}  // namespace mcpgate::otlp

namespace mcpgate {

absl::StatusOr<std::unique_ptr<AuditSink>> NewOtlpSink(OtlpOptions options) {
  return otlp::NewSink(std::move(options), net::NewCurlClient());
}

}  // namespace mcpgate
