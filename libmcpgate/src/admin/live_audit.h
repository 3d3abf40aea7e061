// File: admin/live_audit.h
//
// The trail as it grows, for those who watch it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "admin/audit_viewer.h"
#include "base/mutex.h"
#include "mcpgate/audit_trail.h"

namespace mcpgate::admin {

/// One who watches.
struct Watcher {
  TenantScope scope;
  std::uint64_t after = 0;  ///< the last seq that was sent
  std::unique_ptr<AuditViewer> viewer{};
  std::function<bool()> may_watch{};  ///< asked at every look
};

/// LiveAudit
///
/// Looks for new records four times a second while somebody watches, in the stored trail: so that it shows
/// what every process on it does, and never a record that is not durable. Each event has the record's seq as
/// its id. Who reads too slowly is cut off, and comes back for the rest with the last id. Safe for concurrent
/// use.
class LiveAudit {
 public:
  explicit LiveAudit(AuditTrail& trail) : trail_(trail) {}
  ~LiveAudit();
  LiveAudit(const LiveAudit&) = delete;
  LiveAudit& operator=(const LiveAudit&) = delete;

  /// The newest seq, for one who wants what comes.
  absl::StatusOr<std::uint64_t> Newest();
  bool HasRoom();
  /// Tells what came after `watcher.after`, as far as it is within reach: of what is not, a `gap`. False when
  /// there are too many already.
  bool Add(Watcher watcher);
  void EndAll();

 private:
  void Run();
  /// What is new for one of them, up to `newest` at least. False when it is over.
  bool Tell(Watcher& watcher, std::uint64_t newest, bool is_quiet);

  AuditTrail& trail_;
  Mutex mutex_;
  CondVar changed_;
  std::list<Watcher> joining_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t watching_ MCPGATE_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ MCPGATE_GUARDED_BY(mutex_) = false, is_ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_ MCPGATE_GUARDED_BY(mutex_);  // from the first watcher on
};

}  // namespace mcpgate::admin
