#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"
#include "support/sanitized.h"

namespace mcpgate {
namespace {

// Keys are revoked one after another while other threads verify those about to be revoked.
class Race {
 public:
  static constexpr int kKeys = 1000, kVerifiers = 3;
  static constexpr int kVerificationsEach = testing::kSanitized ? 110 : 1100;

  Race() {
    auto made = Keyring::New({.store = NewMemoryKeyStore(), .root_key = Secret(std::string(32, 'r'))});
    REQUIRE(made.ok());
    ring_ = std::move(*made);
    for (int i = 0; i < kKeys; ++i) {
      auto issued = ring_->admin().Issue(TenantScope::Operator(), {.name = "key"});
      REQUIRE(issued.ok());
      keys_.push_back(std::move(*issued));
    }
  }

  void Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < kVerifiers; ++i) threads.emplace_back([this] { VerifyUntilDone(); });
    for (int i = 0; i < kKeys; ++i) {
      while (verified_ < i * kVerificationsEach) std::this_thread::yield();  // they go on until the last
      begun_ = i + 1;
      failed_ += ring_->admin().Revoke(TenantScope::Operator(), keys_[i].record.id).ok() ? 0 : 1;
      ended_ = i + 1;
    }
    for (std::thread& thread : threads) thread.join();
  }

  int verified() const { return verified_; }
  int failed() const { return failed_; }
  int revoked_accepted() const { return revoked_accepted_; }
  int live_refused() const { return live_refused_; }

 private:
  void VerifyUntilDone() {
    for (int turn = 0; ended_ < kKeys; ++turn) {
      const int ended = ended_;
      const int key = std::min(ended + turn % 3, kKeys) - 1;  // the last revoked, the next, the one after
      if (key < 0) continue;
      const auto verdict = ring_->Verify(keys_[key].token);
      const bool accepted = verdict.ok() && verdict->principal != nullptr;
      revoked_accepted_ += key < ended && accepted ? 1 : 0;
      live_refused_ += key >= begun_ && !accepted ? 1 : 0;
      ++verified_;
    }
  }

  std::unique_ptr<Keyring> ring_;
  std::vector<IssuedKey> keys_;
  std::atomic<int> begun_{0}, ended_{0};
  std::atomic<int> verified_{0}, failed_{0}, revoked_accepted_{0}, live_refused_{0};
};

TEST_CASE("a verification that begins after Revoke has returned never succeeds") {
  Race race;
  race.Run();
  CHECK(race.verified() > (testing::kSanitized ? 100'000 : 1'000'000));
  CHECK(race.failed() == 0);
  CHECK(race.revoked_accepted() == 0);
  CHECK(race.live_refused() == 0);
}

}  // namespace
}  // namespace mcpgate
