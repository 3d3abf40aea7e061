#include "server/task_post.h"

#include <chrono>
#include <utility>

namespace mcpgate {
namespace {

// A wish is heard within that, and a commit on each side.
constexpr std::chrono::milliseconds kLookAgain{250};
constexpr std::size_t kMaxWork = 256;

}  // namespace

TaskPost::~TaskPost() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TaskPost::StartLocked() {
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

void TaskPost::KeepLooking(bool keeps) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(looks_, keeps) == keeps || !keeps) return;
    StartLocked();
  }
  wake_.notify_all();
}

bool TaskPost::Submit(absl::AnyInvocable<void()> work) {
  {
    MutexLock lock(mutex_);
    if (ending_ || work_.size() >= kMaxWork) return false;
    work_.push_back(std::move(work));
    StartLocked();
  }
  wake_.notify_all();
  return true;
}

void TaskPost::Run() {
  CondLock lock(mutex_);
  for (;;) {
    if (!work_.empty()) {
      absl::AnyInvocable<void()> work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
      continue;
    }
    if (ending_) return;
    if (!looks_) {
      wake_.wait(lock);
      continue;
    }
    wake_.wait_for(lock, kLookAgain);
    if (ending_ || !looks_) continue;
    lock.unlock();
    look_();
    lock.lock();
  }
}

}  // namespace mcpgate
