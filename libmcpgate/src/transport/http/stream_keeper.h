// File: transport/http/stream_keeper.h
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "transport/http/event_stream.h"
#include "transport/http/replay_buffer.h"

namespace mcpgate::http {

/// StreamKeeper
///
/// One thread that tends the connections of open streams, and the buffer of those that can be resumed. Safe
/// for concurrent use.
class StreamKeeper {
 public:
  /// `each_round` runs on the thread before the connections are tended.
  StreamKeeper(const StreamPace& pace, std::shared_ptr<ReplayBuffer> buffer,
               std::function<void()> each_round);
  ~StreamKeeper();
  void Watch(std::weak_ptr<EventStream> stream);

 private:
  static constexpr std::size_t kFirstSweep = 1024;

  void Run();

  const StreamPace pace_;
  const Nanos every_;
  const std::shared_ptr<ReplayBuffer> buffer_;
  const std::function<void()> each_round_;
  CondVar wake_;
  Mutex mutex_;
  std::vector<std::weak_ptr<EventStream>> streams_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t sweep_at_ MCPGATE_GUARDED_BY(mutex_) = kFirstSweep;
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_ MCPGATE_GUARDED_BY(mutex_);  // started with the first stream
};

}  // namespace mcpgate::http
