// File: audit/lane.h
//
// A queue and a thread before one sink.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "mcpgate/audit_fan_out.h"

namespace mcpgate {

using SteadyMoment = std::chrono::steady_clock::time_point;

/// Ticket
///
/// What one caller waits for: an answer from each of some lanes. Safe for concurrent use.
class Ticket {
 public:
  explicit Ticket(std::size_t lanes) : open_(lanes) {}
  void Answer(const absl::Status& status);
  /// The first bad answer, or OK once all have answered; Unavailable at `until`. Afterwards nobody waits.
  absl::Status Wait(SteadyMoment until);
  /// Nobody waits any more, so what it stands for is not to be done if it was not begun.
  bool IsGivenUp() const;

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::size_t open_ MCPGATE_GUARDED_BY(mutex_);
  absl::Status result_ MCPGATE_GUARDED_BY(mutex_);
  bool given_up_ MCPGATE_GUARDED_BY(mutex_) = false;
};

/// Lane
///
/// Safe for concurrent use.
class Lane {
 public:
  Lane(AuditMember member, Nanos deadline, std::function<void(std::string_view)> log, const Clock& clock);
  ~Lane();  ///< one last attempt at what is queued
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  bool required() const { return member_.required; }
  /// Waits for room until then, in a lane that is required; Unavailable when there is none. `ticket` (may be
  /// null) is answered once the record is durable or cannot be made so.
  absl::Status Push(AuditRecord record, std::shared_ptr<Ticket> ticket, SteadyMoment until);
  /// Answers the ticket when everything pushed before is durable.
  void PushFlush(std::shared_ptr<Ticket> ticket);
  absl::Status Ready(SteadyMoment until);
  AuditMemberHealth Health() const;

 private:
  struct Entry {
    AuditRecord record;
    std::shared_ptr<Ticket> ticket;
    bool is_flush = false;
  };

  bool HasRoom() const MCPGATE_REQUIRES(mutex_) { return queue_.size() < member_.queue; }
  absl::Status NotWell(SteadyMoment now) const MCPGATE_REQUIRES(mutex_);
  void Run();
  bool TakeBatch(std::vector<Entry>& batch);
  absl::Status Deliver(std::vector<Entry>& batch, std::size_t& accepted);
  absl::Status TellGap();
  absl::Status Offer(const AuditRecord& record);
  void Return(std::vector<Entry> batch, std::size_t accepted, const absl::Status& why);
  void NoteStatus(const absl::Status& status);

  // Constant.
  const AuditMember member_;
  const Nanos deadline_;
  const std::function<void(std::string_view)> log_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar work_, room_;
  std::deque<Entry> queue_ MCPGATE_GUARDED_BY(mutex_);
  absl::Status status_ MCPGATE_GUARDED_BY(mutex_);
  SteadyMoment busy_since_ MCPGATE_GUARDED_BY(mutex_){};
  SteadyMoment retry_at_ MCPGATE_GUARDED_BY(mutex_){};
  bool busy_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::uint64_t gap_ MCPGATE_GUARDED_BY(mutex_) = 0;  ///< dropped and not yet told
  std::uint64_t dropped_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace mcpgate
