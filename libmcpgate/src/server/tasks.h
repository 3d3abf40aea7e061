// File: server/tasks.h
//
// Tasks by id, for whoever has begun them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "protocol/request.h"
#include "protocol/task_host.h"

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
    std::function<void(const Task&)> on_change;  ///< called with no lock held
    std::function<void()> on_end;
  };
  explicit Task(Options options);

  const std::string& id() const { return options_.id; }
  const std::string& owner() const { return options_.owner; }
  /// When it may be forgotten, on Clock::Steady().
  Nanos forget_at() const { return forget_at_; }

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

  Json DescribeLocked() const;
  void End(State state, std::string result, Json error);
  bool IsAnswered(std::span<const InputRequest> requests) const;

  const Options options_;
  const std::string created_at_;
  const Nanos forget_at_;
  mutable Mutex mutex_;
  CondVar answered_;
  // Guarded by mutex_.
  State state_ = State::kWorking;
  std::string updated_at_;
  std::map<std::string, InputRequest> open_;  // questions without an answer
  std::map<std::string, Json> answers_;
  std::string result_;
  Json error_;
};

struct TaskLimits {
  std::size_t tasks = 10'000;
  std::size_t of_key = 100;
  std::size_t running = 4;
};

/// TaskTable
///
/// Bounded. Tasks live in this process: they end with it. Safe for concurrent use.
class TaskTable final : public TaskHost {
 public:
  /// `changed` hears of every change of a task.
  TaskTable(const TaskLimits& limits, const Clock& clock, std::function<void(const Task&)> changed)
      : limits_(limits), clock_(clock), changed_(std::move(changed)) {}

  std::shared_ptr<RunningTask> Begin(const Principal& owner, const TaskOptions& options,
                                     std::shared_ptr<Flight> flight) override;
  /// nullptr when there is none of that id, or another key's.
  std::shared_ptr<Task> Find(std::string_view id, const Principal& owner);
  /// Cancels what runs; the server is about to go.
  void CancelAll();

 private:
  void Sweep();

  const TaskLimits limits_;
  const Clock& clock_;
  const std::function<void(const Task&)> changed_;
  Mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<Task>> tasks_;
  std::unordered_map<std::string, std::size_t> count_of_owner_;
  std::size_t running_ = 0;
};

/// The answer to tasks/get, tasks/update or tasks/cancel: members of the result, or why not.
std::variant<std::string, Rejection> AnswerTask(TaskTable& tasks, const Request& request,
                                                const Principal& principal);

}  // namespace mcpgate
