// File: server/task_post.h
//
// Between a client and a task that runs in another process: both sides of the store's wishes.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"

namespace mcpgate {

/// TaskPost
///
/// Does what waits for the store on a thread of its own, which starts when it is first needed: whoever reads
/// messages must not wait, and the executor may be full of tasks that wait for just this. Safe for concurrent
/// use.
class TaskPost {
 public:
  /// `look` is called on that thread, again and again while tasks run here.
  explicit TaskPost(std::function<void()> look) : look_(std::move(look)) {}
  /// Does first what was taken.
  ~TaskPost();
  TaskPost(const TaskPost&) = delete;
  TaskPost& operator=(const TaskPost&) = delete;

  void KeepLooking(bool keeps);
  /// False when too much waits.
  bool Submit(absl::AnyInvocable<void()> work);

 private:
  void StartLocked() MCPGATE_REQUIRES(mutex_);
  void Run();

  const std::function<void()> look_;
  Mutex mutex_;
  CondVar wake_;
  std::deque<absl::AnyInvocable<void()>> work_ MCPGATE_GUARDED_BY(mutex_);
  bool looks_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mcpgate
