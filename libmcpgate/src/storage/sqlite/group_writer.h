// File: storage/sqlite/group_writer.h
//
// Many durable changes for the price of one commit.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::sqlite {

/// One change. Lives until both its caller and the writer have let go of it.
class WriteRequest {
 public:
  virtual ~WriteRequest() = default;
  /// On the writer's thread, inside the group's transaction; again from the start if the group was undone. An
  /// answer of the kinds NotFound, AlreadyExists, Aborted or InvalidArgument promises that nothing was
  /// changed; after any other error the whole group is undone and its requests are tried one by one.
  virtual absl::Status Apply() = 0;
  /// For a queued request, once it will not be tried again: OK when it is durable. On the writer's thread, no
  /// locks held.
  virtual void Settled(const absl::Status& result) { (void)result; }
  /// Whether it must outlive the machine's losing power; else it is durable once a process that dies cannot
  /// take it along. A group waits for the disk when one of its requests must. On the writer's thread.
  virtual bool NeedsSync() const { return true; }
  /// How many records are lost with it. On the writer's thread.
  virtual std::size_t Records() { return 1; }

 protected:
  /// How much of the queue's bound it takes up.
  explicit WriteRequest(std::size_t weight = 1) : weight_(weight) {}

 private:
  friend class GroupWriter;
  enum class Stage : std::uint8_t { kQueued, kTaken, kDone, kAbandoned };
  const std::size_t weight_;
  bool waited_for_ = false;       ///< constant once queued
  bool has_settled_ = false;      ///< the writer's
  absl::Status result_;           ///< the writer's until kDone, then the caller's
  Stage stage_ = Stage::kQueued;  ///< see GroupWriter::StageOf
};

/// What one database holds. Called on the writer's thread with the database's lock held.
class Tables {
 public:
  virtual ~Tables() = default;
  /// Makes or checks the schema and prepares statements. `db` stays the same until the writer stops.
  virtual absl::Status Attach(Database& db) = 0;
  /// First and last inside each transaction; an error undoes it.
  virtual absl::Status BeginGroup() = 0;
  virtual absl::Status EndGroup() = 0;
  /// After the commit or the rollback, before anybody is answered.
  virtual void GroupEnded(bool committed) = 0;
};

struct GroupWriterOptions {
  std::string path;
  Nanos deadline{0};
  Nanos linger{0};            ///< how long a request that nobody waits for may wait for company
  std::size_t max_queue = 0;  ///< weight of the requests not answered yet
  int page_size = 4096;       ///< bytes, of a file that is made anew
  std::function<void(std::string_view)> log;
};

/// GroupWriter
///
/// One thread and one connection for one database. While the store does not answer, those who wait get the
/// reason at once and what was only queued is kept and tried again. Safe for concurrent use.
class GroupWriter {
 public:
  /// Opens the database under its lock. With an error of kind DataLoss the writer is there nevertheless,
  /// refuses everything and says why in `Health()`; any other error fails.
  static absl::StatusOr<std::unique_ptr<GroupWriter>> Start(GroupWriterOptions options, Tables& tables);
  ~GroupWriter() { Stop(); }
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  /// One last attempt at what is queued; afterwards everything is refused.
  void Stop();
  /// The request's own answer once it is durable. Unavailable when that was not before the deadline.
  absl::Status Write(std::shared_ptr<WriteRequest> request);
  /// ResourceExhausted when the queue is full; Unavailable when the file is malformed and waiting is no use.
  absl::Status Queue(std::shared_ptr<WriteRequest> request);
  /// OK when `Queue` would accept now; waits up to the deadline for room, then Unavailable.
  absl::Status AwaitRoom();
  /// Asks for a group even if nothing is queued.
  void Nudge();
  /// OK, or why the last attempt failed.
  absl::Status Health() const;

 private:
  using Request = std::shared_ptr<WriteRequest>;
  using Moment = std::chrono::steady_clock::time_point;

  GroupWriter(GroupWriterOptions options, Tables& tables);
  absl::Status Open();
  absl::Status OpenLocked();

  bool HasRoom() const { return unanswered_.load(std::memory_order_relaxed) < options_.max_queue; }
  absl::Status WaitForRoom(CondLock& lock, Moment until) MCPGATE_REQUIRES(mutex_);
  void Enqueue(Request request) MCPGATE_REQUIRES(mutex_);
  /// The one way to a request's stage: it is guarded by its writer's mutex, which the request does not know.
  WriteRequest::Stage& StageOf(WriteRequest& request) MCPGATE_REQUIRES(mutex_) { return request.stage_; }
  std::string TooLate(std::string_view state) const;
  absl::Status Closed() const;

  void Run();
  bool TakeBatch();
  bool IsDue(Moment now) const MCPGATE_REQUIRES(mutex_);
  Moment NextMoment() const MCPGATE_REQUIRES(mutex_);
  static std::size_t GroupEnd(std::span<const Request> rest);
  absl::Status WriteBatch();
  absl::Status WriteGroup(std::span<Request> group);
  absl::Status Transact(std::span<Request> group);
  absl::Status ApplyAll(std::span<Request> group);
  absl::Status TransactSingly(std::span<Request> group);
  void Undo();
  void CheckpointIfDue();
  void Answer(std::span<Request> group);
  void Refuse(const absl::Status& reason);
  void NoteHealth(const absl::Status& status);
  void Say(std::string_view line) const;

  // Constant.
  const GroupWriterOptions options_;
  const std::string name_;  ///< the file's, for messages
  Tables& tables_;

  // The writer thread's own (and Start's, before it runs).
  FileLock lock_;
  std::unique_ptr<Database> db_;
  Statement begin_, commit_, rollback_, probe_;
  std::vector<Request> batch_;
  const int checkpoint_pages_;
  int checkpoint_at_;
  Moment failing_since_{};
  bool last_attempt_ = false;

  // Self-synchronised.
  CondVar work_, done_, room_;
  std::atomic<std::size_t> unanswered_{0};  ///< weight, changed under mutex_
  std::atomic<bool> broken_{false};         ///< health_ is DataLoss

  mutable Mutex mutex_;
  std::vector<Request> incoming_ MCPGATE_GUARDED_BY(mutex_);
  Moment oldest_ MCPGATE_GUARDED_BY(mutex_){};
  Moment retry_at_ MCPGATE_GUARDED_BY(mutex_){};
  std::size_t incoming_weight_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_in_queue_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_for_room_ MCPGATE_GUARDED_BY(mutex_) = 0;
  bool nudged_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool stopping_ MCPGATE_GUARDED_BY(mutex_) = false;
  absl::Status health_ MCPGATE_GUARDED_BY(mutex_);

  std::thread thread_;  ///< Start's and Stop's
};

}  // namespace mcpgate::sqlite
