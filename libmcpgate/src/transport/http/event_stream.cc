#include "transport/http/event_stream.h"

#include <algorithm>
#include <chrono>

namespace mcpgate::http {

void EventStream::Begin() {
  MutexLock lock(mutex_);
  BeginLocked();
}

void EventStream::BeginLocked() {
  if (streaming_ || ended_) return;
  streaming_ = true;
  HttpResponse head{.status = 200, .headers = headers_};
  head.headers.emplace_back("Content-Type", "text/event-stream");
  head.headers.emplace_back("Cache-Control", "no-store");
  head.headers.emplace_back("X-Accel-Buffering", "no");
  exchange_->BeginStream(std::move(head));
}

// Compact JSON has no line end, so one data line is one message.
bool EventStream::WriteEvent(std::string_view message) {
  std::string event = "data: ";
  event.reserve(message.size() + 8);
  event += message;
  event += "\n\n";
  idle_ = false;
  return exchange_->Write(std::move(event));
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
  exchange_->End();
}

void EventStream::Respond(ServerAnswer answer) {
  HttpResponse response{.status = answer.http_status, .headers = headers_};
  if (answer.message.empty() && answer.http_status == 200)
    response.status = 202;  // a call that was cancelled
  if (!answer.message.empty()) response.headers.emplace_back("Content-Type", "application/json");
  if (!answer.session_id.empty())
    response.headers.emplace_back("Mcp-Session-Id", std::move(answer.session_id));
  if (answer.http_status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (answer.retry_after.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(answer.retry_after).count();
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  response.body = std::move(answer.message);
  exchange_->Respond(std::move(response));
}

bool EventStream::KeepAlive() {
  MutexLock lock(mutex_);
  if (ended_) return false;
  if (streaming_ && std::exchange(idle_, true)) return exchange_->Write(": \n\n");
  return true;
}

StreamKeeper::~StreamKeeper() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StreamKeeper::Watch(std::weak_ptr<EventStream> stream) {
  MutexLock lock(mutex_);
  // Ended ones go before the next round too: at most twice as many are kept as live.
  if (streams_.size() >= sweep_at_) {
    std::erase_if(streams_, [](const std::weak_ptr<EventStream>& each) { return each.expired(); });
    sweep_at_ = std::max(kFirstSweep, 2 * streams_.size());
  }
  streams_.push_back(std::move(stream));
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

void StreamKeeper::Run() {
  CondLock lock(mutex_);
  while (!wake_.wait_for(lock, every_, [this] { return ending_; })) {
    std::vector<std::weak_ptr<EventStream>> streams = std::move(streams_);
    streams_.clear();
    lock.unlock();
    std::erase_if(streams, [](const std::weak_ptr<EventStream>& weak) {
      const auto stream = weak.lock();
      return stream == nullptr || !stream->KeepAlive();
    });
    lock.lock();
    streams_.insert(streams_.end(), streams.begin(), streams.end());
  }
}

}  // namespace mcpgate::http
