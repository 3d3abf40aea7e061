#include "transport/http/event_stream.h"

#include <fmt/format.h>

#include <utility>

#include "mcpgate/streamable_http.h"

namespace mcpgate::http {
namespace {

constexpr std::size_t kOwnHeaders = 6;  // what Respond adds at most

}  // namespace

HttpResponse StreamHead(HeaderList headers) {
  headers.emplace_back("Content-Type", "text/event-stream");
  headers.emplace_back("Cache-Control", "no-store");
  headers.emplace_back("X-Accel-Buffering", "no");
  return {.status = 200, .headers = std::move(headers)};
}

EventStream::EventStream(std::shared_ptr<HttpExchange> exchange, HeaderList headers, bool reads_events,
                         std::optional<Resumption> resumption)
    : headers_(std::move(headers)),
      reads_events_(reads_events),
      resumption_(std::move(resumption)),
      exchange_(std::move(exchange)),
      connected_at_(std::chrono::steady_clock::now()),
      written_at_(connected_at_) {}

EventStream::~EventStream() {
  if (name_) resumption_->buffer->Close(*name_);
}

void EventStream::Begin() {
  MutexLock lock(mutex_);
  BeginLocked();
}

void EventStream::BeginLocked() {
  if (streaming_ || ended_) return;
  streaming_ = true;
  exchange_->BeginStream(StreamHead(headers_));
  if (!resumption_) return;
  name_ = resumption_->buffer->Open(resumption_->session, weak_from_this());
  // From here on the client can come back (2025-11-25, "Sending Messages to the Server" 6).
  if (resumption_->polls) WriteEvent("");
}

bool EventStream::Write(std::string bytes) {
  if (exchange_ == nullptr) return false;
  written_at_ = std::chrono::steady_clock::now();
  if (exchange_->Write(std::move(bytes))) return true;
  if (name_) Disconnect();
  return false;
}

// Compact JSON has no line end, so one data line is one message. A kept event has been taken even when its
// client is away.
bool EventStream::WriteEvent(std::string_view message) {
  if (!name_) return Write(fmt::format("data: {}\n\n", message));
  Write(resumption_->buffer->Add(*name_, message));
  return true;
}

void EventStream::Disconnect() {
  exchange_.reset();
  use_.reset();
}

bool EventStream::Notify(std::string message) {
  if (!reads_events_) return false;
  MutexLock lock(mutex_);
  if (ended_) return false;
  BeginLocked();
  return WriteEvent(message);
}

void EventStream::Finish(ServerAnswer answer) {
  MutexLock lock(mutex_);
  if (std::exchange(ended_, true)) return;
  if (!streaming_) return Respond(std::move(answer));
  if (!answer.message.empty()) WriteEvent(answer.message);
  if (exchange_ != nullptr) exchange_->End();
  Disconnect();
}

void EventStream::Respond(ServerAnswer answer) {
  HttpResponse response{.status = answer.http_status};
  response.headers.reserve(headers_.size() + kOwnHeaders);
  response.headers = headers_;
  if (answer.message.empty() && answer.http_status == 200)
    response.status = 202;  // a call that was cancelled
  if (!answer.message.empty()) response.headers.emplace_back("Content-Type", "application/json");
  if (!answer.session_id.empty())
    response.headers.emplace_back("Mcp-Session-Id", std::move(answer.session_id));
  if (answer.http_status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  AddLimitHeaders(answer.limit, answer.retry_after, response);
  response.body = std::move(answer.message);
  exchange_->Respond(std::move(response));
}

void EventStream::Hold(std::shared_ptr<void> use) {
  MutexLock lock(mutex_);
  if (exchange_ != nullptr && !ended_) use_ = std::move(use);
}

void EventStream::Continue(std::shared_ptr<HttpExchange> exchange, HeaderList headers, std::uint64_t number,
                           std::shared_ptr<void> use) {
  MutexLock lock(mutex_);
  exchange->BeginStream(StreamHead(std::move(headers)));
  // Its client came back before the end of the old connection was seen.
  if (exchange_ != nullptr) exchange_->End();
  exchange_ = std::move(exchange);
  use_ = std::move(use);
  connected_at_ = written_at_ = std::chrono::steady_clock::now();
  if (std::string missed = resumption_->buffer->After(*name_, number); !missed.empty()) {
    Write(std::move(missed));
  }
  if (!ended_) return;
  if (exchange_ != nullptr) exchange_->End();
  Disconnect();
}

void EventStream::Leave(const std::weak_ptr<HttpExchange>& exchange) {
  MutexLock lock(mutex_);
  // Before the stream has begun there is no event to come back for; the answer still goes where it can.
  if (name_ && exchange_ != nullptr && exchange_ == exchange.lock()) Disconnect();
}

bool EventStream::Tend(const StreamPace& pace) {
  MutexLock lock(mutex_);
  if (ended_) return false;
  if (exchange_ == nullptr) return true;
  const Moment now = std::chrono::steady_clock::now();
  const bool quiet = now - written_at_ >= pace.comment_after;
  if (!streaming_) {
    if (resumption_ && quiet) BeginLocked();
    return true;
  }
  if (name_ && resumption_->polls && pace.disconnect_after > Nanos(0) &&
      now - connected_at_ >= pace.disconnect_after) {
    Write(fmt::format("retry: {}\n\n", pace.retry.count()));
    if (exchange_ != nullptr) exchange_->End();
    Disconnect();
    return true;
  }
  return !quiet || Write(": \n\n") || name_.has_value();
}

}  // namespace mcpgate::http
