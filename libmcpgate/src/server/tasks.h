// File: server/tasks.h
//
// Tasks by id, for whoever has begun them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/task_store.h"
#include "protocol/access.h"
#include "protocol/request.h"
#include "protocol/task_host.h"
#include "server/task_post.h"

namespace mcpgate {

/// Task
///
/// Safe for concurrent use.
class Task final : public RunningTask {
 public:
  struct Options {
    std::string id, owner;
    TaskOptions told;
    const Clock* clock;
    std::shared_ptr<Flight> flight;
    // Called with no lock held.
    std::function<void(const Task&)> on_change;
    /// What is told of it while it runs, when its questions change; on the handler's thread.
    std::function<void(const Task&, std::string)> on_stand;
    /// Before the end can be seen, with what is told of it.
    std::function<void(const Task&, std::string)> on_end;
  };
  explicit Task(Options options);

  const std::string& id() const { return options_.id; }
  const std::string& owner() const { return options_.owner; }
  WallTime forget_at() const { return forget_at_; }

  /// As tasks/get tells it: state, and questions, result or error.
  Json Describe() const;
  /// Takes answers to questions that are open; others are ignored.
  void Answer(const Json& responses);
  void Cancel();

  Json Created() const override;
  absl::StatusOr<std::vector<Json>> Ask(std::span<const InputRequest> requests,
                                        std::stop_token stop) override;
  void Complete(std::string result) override;
  void Fail(const Rejection& rejection) override;
  void Cancelled() override;

 private:
  enum class State { kWorking, kInputRequired, kCompleted, kFailed, kCancelled };

  /// What changes as it goes on.
  struct Standing {
    State state = State::kWorking;
    std::string updated_at;
    std::string result;
    Json error;
  };

  Json DescribeAs(const Standing& standing) const;
  void End(Standing standing);
  bool Open(std::span<const InputRequest> requests);
  void AwaitAnswers(std::span<const InputRequest> requests, const std::stop_token& stop);
  bool IsAnswered(std::span<const InputRequest> requests) const MCPGATE_REQUIRES(mutex_);

  const Options options_;
  const std::string created_at_;
  const WallTime forget_at_;
  CondVar answered_;
  mutable Mutex mutex_;
  Standing standing_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::string, InputRequest> open_ MCPGATE_GUARDED_BY(mutex_);  // questions without an answer
  std::map<std::string, Json> answers_ MCPGATE_GUARDED_BY(mutex_);
};

/// TaskTable
///
/// Tasks that run here, and, in the store, all that can be asked about. Bounded by both. Safe for concurrent
/// use.
class TaskTable final : public TaskHost {
 public:
  /// `changed` hears of every change of a task.
  TaskTable(std::size_t max_running, std::shared_ptr<TaskStore> store, const Clock& clock,
            std::function<void(const Task&)> changed)
      : max_running_(max_running),
        store_(std::move(store)),
        clock_(clock),
        changed_(std::move(changed)),
        post_([this] { TakeWishes(); }) {}

  absl::StatusOr<std::shared_ptr<RunningTask>> Begin(const Principal& owner, const TaskOptions& options,
                                                     std::shared_ptr<Flight> flight) override;
  /// A task that runs here; nullptr when there is none of that id, or another key's.
  std::shared_ptr<Task> Find(std::string_view id, const Principal& owner);
  /// One that is over, or was begun by another process.
  absl::StatusOr<std::optional<StoredTask>> FindStored(std::string_view id, const Principal& owner) {
    return store_->Find(id, OwnerOf(owner));
  }
  /// Hands a client's wish to the process that runs its task, and calls `done` when it lies there for it, or
  /// with why not, from another thread. False: too much waits, and `done` is not called.
  bool Carry(TaskWish wish, const Principal& owner, std::function<void(absl::Status)> done);
  /// Whether there is either.
  bool Knows(std::string_view id, const Principal& owner);
  /// Cancels what runs; the server is about to go.
  void CancelAll();

 private:
  void End(const Task& task, std::string told);
  void Sweep() MCPGATE_REQUIRES(mutex_);
  void TakeWishes();

  const std::size_t max_running_;
  const std::shared_ptr<TaskStore> store_;
  const Clock& clock_;
  const std::function<void(const Task&)> changed_;
  Mutex mutex_;
  // What runs, and what is over and could not be stored.
  std::unordered_map<std::string, std::shared_ptr<Task>> tasks_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t running_ MCPGATE_GUARDED_BY(mutex_) = 0;
  TaskPost post_;  // last: its thread uses all of the above
};

/// The answer to tasks/get, tasks/update or tasks/cancel: members of the result, why not, or what must first
/// be carried to the process that runs the task.
std::variant<std::string, Rejection, TaskWish> AnswerTask(TaskTable& tasks, const Request& request,
                                                          const Principal& principal);
/// The same, once that was tried.
std::variant<std::string, Rejection> AnswerCarried(const absl::Status& carried);

}  // namespace mcpgate
