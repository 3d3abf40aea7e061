// File: storage/sqlite/keeper_thread.h
//
// An AuditKeeper at work.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <thread>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "storage/sqlite/audit_keeper.h"

namespace mcpgate::sqlite {

/// KeeperThread
///
/// Ticks until it dies, and finishes then. Says one line when keeping begins to fail and one when it works
/// again. Safe for concurrent use.
class KeeperThread {
 public:
  KeeperThread(std::unique_ptr<AuditKeeper> keeper, Nanos period, std::function<void(std::string_view)> log);
  ~KeeperThread();
  KeeperThread(const KeeperThread&) = delete;
  KeeperThread& operator=(const KeeperThread&) = delete;

 private:
  void Run(Nanos period);
  void Note(const absl::Status& status);

  // The thread's own.
  const std::unique_ptr<AuditKeeper> keeper_;
  const std::function<void(std::string_view)> log_;
  bool failing_ = false;

  Mutex mutex_;
  CondVar wake_;
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mcpgate::sqlite
