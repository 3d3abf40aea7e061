#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/task_store.h"

namespace mcpgate {
namespace {

// Safe for concurrent use.
class MemoryTaskStore final : public TaskStore {
 public:
  MemoryTaskStore(const TaskStoreLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  absl::Status Insert(const StoredTask& task) override {
    MutexLock lock(mutex_);
    DropOver(tasks_.size());
    if (tasks_.contains(task.id)) return absl::AlreadyExistsError("a task of this id is there");
    const Use owned = UseOf(task.owner);
    if (tasks_.size() >= limits_.tasks || owned.tasks >= limits_.tasks_of_owner) {
      return absl::ResourceExhaustedError("too many tasks are kept");
    }
    if (!Fits(owned, task.told.size())) return TooLong();
    Count(task, 1);
    tasks_.emplace(task.id, task);
    return absl::OkStatus();
  }

  absl::Status Update(std::string_view id, std::string told) override {
    MutexLock lock(mutex_);
    return Tell(id, std::move(told), /*is_over=*/false);
  }

  absl::Status Finish(std::string_view id, std::string told) override {
    MutexLock lock(mutex_);
    absl::Status status = Tell(id, std::move(told), /*is_over=*/true);
    if (status.ok()) std::erase_if(wishes_, [id](const Wish& each) { return each.wish.id == id; });
    return status;
  }

  absl::StatusOr<std::optional<StoredTask>> Find(std::string_view id, std::string_view owner) override {
    MutexLock lock(mutex_);
    const auto found = tasks_.find(std::string(id));
    if (found == tasks_.end() || found->second.owner != owner) return std::nullopt;
    if (found->second.forget_at <= clock_.Now()) return std::nullopt;
    return found->second;
  }

  absl::Status Leave(TaskWish wish, std::string_view owner) override {
    MutexLock lock(mutex_);
    const auto found = tasks_.find(wish.id);
    if (found == tasks_.end() || found->second.owner != owner || found->second.is_over) return NotRunning();
    const auto waiting = std::count_if(wishes_.begin(), wishes_.end(),
                                       [owner](const Wish& each) { return each.owner == owner; });
    if (wish.text.size() > limits_.wish_bytes ||
        static_cast<std::size_t>(waiting) >= limits_.wishes_of_owner) {
      return absl::ResourceExhaustedError("too much waits for tasks that run");
    }
    wishes_.push_back({std::move(wish), std::string(owner)});
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<TaskWish>> TakeWishes(std::span<const std::string> ids) override {
    MutexLock lock(mutex_);
    std::vector<TaskWish> taken;
    std::vector<Wish> left;
    for (Wish& each : wishes_) {
      if (std::find(ids.begin(), ids.end(), each.wish.id) != ids.end()) {
        taken.push_back(std::move(each.wish));
      } else {
        left.push_back(std::move(each));
      }
    }
    wishes_.swap(left);
    return taken;
  }

  absl::StatusOr<std::size_t> Sweep(std::size_t most, bool dry_run) override {
    MutexLock lock(mutex_);
    if (!dry_run) return DropOver(most);
    const auto over = std::count_if(tasks_.begin(), tasks_.end(),
                                    [this](const auto& entry) { return IsOver(entry.second); });
    return std::min(static_cast<std::size_t>(over), most);
  }

 private:
  struct Use {
    std::size_t tasks = 0, bytes = 0;
  };
  struct Wish {
    TaskWish wish;
    std::string owner;
  };

  absl::Status Tell(std::string_view id, std::string told, bool is_over) MCPGATE_REQUIRES(mutex_) {
    const auto found = tasks_.find(std::string(id));
    if (found == tasks_.end() || found->second.is_over) return NotRunning();
    StoredTask& task = found->second;
    Count(task, -1);
    const bool fits = Fits(UseOf(task.owner), told.size());
    if (fits) {
      task.told = std::move(told);
      task.is_over = is_over;
    }
    Count(task, 1);
    return fits ? absl::OkStatus() : TooLong();
  }

  static absl::Status NotRunning() { return absl::NotFoundError("no such task runs"); }

  static absl::Status TooLong() {
    return absl::ResourceExhaustedError("the tasks that are kept take up too many bytes");
  }

  Use UseOf(const std::string& owner) const MCPGATE_REQUIRES(mutex_) {
    const auto found = use_of_owner_.find(owner);
    return found == use_of_owner_.end() ? Use() : found->second;
  }
  bool Fits(const Use& owned, std::size_t bytes) const MCPGATE_REQUIRES(mutex_) {
    return owned.bytes + bytes <= limits_.bytes_of_owner && bytes_ + bytes <= limits_.bytes;
  }
  void Count(const StoredTask& task, int sign) MCPGATE_REQUIRES(mutex_) {
    Use& use = use_of_owner_[task.owner];
    const std::size_t bytes = task.told.size();
    use.tasks += static_cast<std::size_t>(sign);  // wraps around, and back
    use.bytes += sign > 0 ? bytes : -bytes;
    bytes_ += sign > 0 ? bytes : -bytes;
    if (use.tasks == 0) use_of_owner_.erase(task.owner);
  }
  bool IsOver(const StoredTask& task) const { return task.forget_at <= clock_.Now(); }
  std::size_t DropOver(std::size_t most) MCPGATE_REQUIRES(mutex_) {
    std::size_t dropped = 0;
    std::erase_if(tasks_, [&](const auto& entry) MCPGATE_REQUIRES(mutex_) {
      if (dropped == most || !IsOver(entry.second)) return false;
      Count(entry.second, -1);
      ++dropped;
      return true;
    });
    std::erase_if(wishes_, [this](const Wish& each)
                               MCPGATE_REQUIRES(mutex_) { return !tasks_.contains(each.wish.id); });
    return dropped;
  }

  const TaskStoreLimits limits_;
  const Clock& clock_;
  Mutex mutex_;
  std::unordered_map<std::string, StoredTask> tasks_ MCPGATE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Use> use_of_owner_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<Wish> wishes_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t bytes_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<TaskStore> NewMemoryTaskStore(const TaskStoreLimits& limits, const Clock& clock) {
  return std::make_unique<MemoryTaskStore>(limits, clock);
}

}  // namespace mcpgate
