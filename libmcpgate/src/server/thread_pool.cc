#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/executor.h"

namespace mcpgate {
namespace {

/// Starts a thread when work comes and none is idle, up to the bound: a server that runs only inline tools
/// has none.
class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(ThreadPoolOptions options) : options_(options) {}

  ~ThreadPool() override {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  bool Submit(absl::AnyInvocable<void()> work) override {
    {
      MutexLock lock(mutex_);
      if (ending_ || queue_.size() >= options_.queue) return false;
      queue_.push_back(std::move(work));
      if (idle_ < queue_.size() && threads_.size() < options_.threads)
        threads_.emplace_back([this] { Run(); });
    }
    wake_.notify_one();
    return true;
  }

 private:
  void Run() {
    CondLock lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return ending_ || !queue_.empty(); });
      --idle_;
      if (queue_.empty()) return;
      absl::AnyInvocable<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }

  const ThreadPoolOptions options_;
  CondVar wake_;
  Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> queue_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t idle_ MCPGATE_GUARDED_BY(mutex_) = 0;
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<Executor> NewThreadPool(ThreadPoolOptions options) {
  return std::make_unique<ThreadPool>(options);
}

}  // namespace mcpgate
