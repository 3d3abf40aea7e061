#include "mcpgate/token_files.h"

#include <utility>

#include "base/mutex.h"
#include "keys/token_provision.h"

namespace mcpgate {
namespace {

// Safe for concurrent use: threads take turns by the mutex, processes by the lock.
class LockedTokenFiles : public TokenFiles {
 public:
  LockedTokenFiles(std::unique_ptr<PrivateFiles> files, KeyAdmin& admin)
      : files_(std::move(files)), admin_(admin) {}

  absl::StatusOr<ProvisionedToken> Provision(const TenantScope& scope, const SessionRequest& session,
                                             std::string_view label) override {
    return Alone([&](TokenProvision& provision) { return provision.Run(scope, session, label); });
  }
  absl::StatusOr<int> Sweep() override {
    TokenSweep part;
    int removed = 0;
    do {
      absl::StatusOr<SweptTokens> swept = SweepSome(part);
      if (!swept.ok()) return swept.status();
      removed += static_cast<int>(swept->files.size());
      part.after = std::move(swept->next);
    } while (!part.after.empty());
    return removed;
  }
  absl::StatusOr<SweptTokens> SweepSome(const TokenSweep& sweep) override {
    return Alone([&](TokenProvision& provision) { return provision.Sweep(sweep); });
  }
  absl::Status Recover() {
    return Alone([](TokenProvision& provision) { return provision.Recover(); });
  }

 private:
  template <typename Work>
  auto Alone(Work work) -> decltype(work(std::declval<TokenProvision&>())) {
    MutexLock lock(mutex_);
    if (absl::Status status = files_->Lock(); !status.ok()) return status;
    TokenProvision provision(*files_, admin_);
    auto result = work(provision);
    files_->Unlock();
    return result;
  }

  Mutex mutex_;
  const std::unique_ptr<PrivateFiles> files_ MCPGATE_PT_GUARDED_BY(mutex_);
  KeyAdmin& admin_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenFiles>> TokenFiles::New(TokenFilesOptions options) {
  if (options.admin == nullptr) return absl::InvalidArgumentError("TokenFilesOptions::admin: missing");
  absl::StatusOr<std::unique_ptr<PrivateFiles>> files = PrivateFiles::Open(options.directory);
  if (!files.ok()) return files.status();
  auto made = std::make_unique<LockedTokenFiles>(*std::move(files), *options.admin);
  if (!options.repair) return made;
  if (absl::Status status = made->Recover(); !status.ok()) return status;
  return made;
}

}  // namespace mcpgate
