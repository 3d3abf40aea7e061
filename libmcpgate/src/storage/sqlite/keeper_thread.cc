#include "storage/sqlite/keeper_thread.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace mcpgate::sqlite {

KeeperThread::KeeperThread(std::unique_ptr<AuditKeeper> keeper, Nanos period,
                           std::function<void(std::string_view)> log)
    : keeper_(std::move(keeper)), log_(std::move(log)), thread_([this, period] { Run(period); }) {}

KeeperThread::~KeeperThread() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void KeeperThread::Run(Nanos period) {
  for (;;) {
    Note(keeper_->Tick());
    CondLock lock(mutex_);
    if (wake_.wait_for(lock, period, [this]() MCPGATE_REQUIRES(mutex_) { return ending_; })) break;
  }
  Note(keeper_->Finish());
}

void KeeperThread::Note(const absl::Status& status) {
  if (std::exchange(failing_, !status.ok()) == failing_ || !log_) return;
  log_(failing_ ? fmt::format("mcpgate: the audit trail cannot be kept: {}", std::string(status.message()))
                : std::string("mcpgate: the audit trail is kept again"));
}

}  // namespace mcpgate::sqlite
