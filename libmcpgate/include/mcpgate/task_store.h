// File: task_store.h
//
// What is kept of tasks (extension io.modelcontextprotocol/tasks) beyond the call that began them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

struct StoredTask {
  std::string id{};       ///< nobody can guess it
  std::string owner{};    ///< whose it is; to anybody else it is not there
  std::string told{};     ///< the JSON object that tasks/get answers, results and all
  WallTime forget_at{};   ///< not found from then on
  bool is_over = false;   ///< `told` is its last word
  bool is_alone = false;  ///< of what `Find` answers: not over, and whoever ran it has ended
};

/// What a client of another process wants of a running task, in the server's own words.
struct TaskWish {
  std::string id{};  ///< of the task
  std::string text{};
};

struct TaskStoreLimits {
  std::size_t tasks = 10'000;
  std::size_t tasks_of_owner = 100;
  std::size_t bytes = 256u << 20;  ///< of `told`, all tasks together
  std::size_t bytes_of_owner = 16u << 20;
  std::size_t wishes_of_owner = 16;  ///< that wait for whoever runs the tasks
  std::size_t wish_bytes = 1u << 20;
};

/// TaskStore
///
/// Dumb records; what a task is, the server knows. Bounded: tasks that may be forgotten make place, others
/// stay. Safe for concurrent use. Unavailable: the store does not answer.
class MCPGATE_EXPORT TaskStore {
 public:
  virtual ~TaskStore() = default;
  /// A task that this store's process runs from now on. Kept for good when OK, in as far as the store keeps
  /// anything. AlreadyExists: the id is taken. ResourceExhausted: a limit is reached.
  virtual absl::Status Insert(const StoredTask& task) = 0;
  /// What tasks/get answers from now on, while it runs. Fails like Finish.
  virtual absl::Status Update(std::string_view id, std::string told) = 0;
  /// Its last word, once. NotFound: it is not there, or over. ResourceExhausted: the word is too long; the
  /// task stays as it was.
  virtual absl::Status Finish(std::string_view id, std::string told) = 0;
  /// nullopt: there is none, it is another's, or it may be forgotten.
  virtual absl::StatusOr<std::optional<StoredTask>> Find(std::string_view id, std::string_view owner) = 0;
  /// Leaves a wish for whoever runs the task; gone with the task's end. NotFound: no task of that owner and
  /// id runs. ResourceExhausted: it is too long, or too many wait.
  virtual absl::Status Leave(TaskWish wish, std::string_view owner) = 0;
  /// Takes what was left for these tasks, the oldest first. Cheap when there is nothing.
  virtual absl::StatusOr<std::vector<TaskWish>> TakeWishes(std::span<const std::string> ids) = 0;
  /// Removes at most `most` tasks that may be forgotten, or with `dry_run` leaves them; answers how many.
  /// Cheap when there are none.
  virtual absl::StatusOr<std::size_t> Sweep(std::size_t most, bool dry_run) = 0;
};

/// Keeps tasks as long as the process lives. `clock` outlives it.
MCPGATE_EXPORT std::unique_ptr<TaskStore> NewMemoryTaskStore(const TaskStoreLimits& limits = {},
                                                             const Clock& clock = Clock::System());

}  // namespace mcpgate
