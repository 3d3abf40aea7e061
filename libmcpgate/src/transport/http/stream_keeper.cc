#include "transport/http/stream_keeper.h"

#include <algorithm>
#include <utility>

namespace mcpgate::http {
namespace {

Nanos RoundOf(const StreamPace& pace) {
  return pace.disconnect_after > Nanos(0) ? std::min(pace.comment_after, pace.disconnect_after)
                                          : pace.comment_after;
}

}  // namespace

StreamKeeper::StreamKeeper(const StreamPace& pace, std::shared_ptr<ReplayBuffer> buffer,
                           std::function<void()> each_round)
    : pace_(pace), every_(RoundOf(pace)), buffer_(std::move(buffer)), each_round_(std::move(each_round)) {}

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
  while (!wake_.wait_for(lock, every_, [this]() MCPGATE_REQUIRES(mutex_) { return ending_; })) {
    std::vector<std::weak_ptr<EventStream>> streams = std::move(streams_);
    streams_.clear();
    lock.unlock();
    each_round_();
    std::erase_if(streams, [this](const std::weak_ptr<EventStream>& weak) {
      const auto stream = weak.lock();
      return stream == nullptr || !stream->Tend(pace_);
    });
    buffer_->Sweep();
    lock.lock();
    streams_.insert(streams_.end(), streams.begin(), streams.end());
  }
}

}  // namespace mcpgate::http
