// Keys that ended, forgotten in a data directory that several processes share.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <vector>

#include "fixture.h"
#include "mcpgate/key_admin.h"

namespace mcpgate::testing {
namespace {

constexpr int kEnded = 60;
const TenantScope kOperator = TenantScope::Operator();

// `kEnded` keys that were revoked a month ago, each followed by one that lives.
struct Ended {
  Ended() {
    const auto make = [&]() -> int {
      const auto storage = SqliteStorage::Open(data.Options());
      const auto ring = RingOf(**storage);
      for (int i = 0; i < kEnded; ++i) {
        const auto key = ring->admin().Issue(kOperator, {.name = "ended"});
        if (!ring->admin().Revoke(kOperator, key->record.id).ok()) return 1;
        if (!ring->admin().Issue(kOperator, {.name = "live"}).ok()) return 1;
      }
      return 0;
    };
    REQUIRE(InProcesses({make}) == std::vector<int>{0});
    data.clock.Advance(std::chrono::days(30));
  }
  std::unique_ptr<Keyring> RingOf(SqliteStorage& storage) const {
    auto ring = Keyring::New({.store = storage.keys(), .root_key = storage.root_key(), .clock = &data.clock});
    return *std::move(ring);
  }
  KeyForgetting Forgetting() const {
    const auto week_ago = data.clock.Now() - std::chrono::days(7);
    return {.ended_by = std::chrono::floor<std::chrono::milliseconds>(week_ago).time_since_epoch().count(),
            .most = 7};
  }
  // How many were forgotten here, all batches together; -1 when one failed.
  static int ForgetAll(KeyAdmin& admin, KeyForgetting forgetting) {
    int count = 0;
    do {
      auto forgotten = admin.ForgetEnded(kOperator, forgetting);
      if (!forgotten.ok()) return -1;
      count += static_cast<int>(forgotten->keys.size());
      forgetting.after = std::move(forgotten->next);
    } while (!forgetting.after.empty());
    return count;
  }
  // How many keys there are of a name.
  static int Count(KeyAdmin& admin, const std::string& name) {
    const auto page = admin.List(kOperator, {.name = name, .limit = 1000});
    REQUIRE(page.ok());
    for (const KeyInfo& key : page->keys)
      CHECK(key.state == (name == "live" ? KeyInfo::State::kLive : KeyInfo::State::kRevoked));
    return static_cast<int>(page->keys.size());
  }

  DataDirectory data;
};

TEST_CASE("two processes that forget at once forget everything once, and nothing else") {
  Ended store;
  const auto forget = [&]() -> int {
    const auto storage = SqliteStorage::Open(store.data.Options());
    const auto ring = store.RingOf(**storage);
    const int first = Ended::ForgetAll(ring->admin(), store.Forgetting());
    // A batch that the other had begun counts as empty here; what it left is found by going over it again.
    const int second = Ended::ForgetAll(ring->admin(), store.Forgetting());
    return first < 0 || second < 0 ? 200 : first + second;
  };
  const std::vector<int> counts = InProcesses({forget, forget});
  CHECK(counts[0] + counts[1] == kEnded);
  const auto storage = store.data.Open();
  const auto ring = store.RingOf(*storage);
  CHECK(Ended::Count(ring->admin(), "ended") == 0);
  CHECK(Ended::Count(ring->admin(), "live") == kEnded);
}

TEST_CASE("a process killed between batches leaves whole batches, and the next goes on") {
  Ended store;
  for (const int batches : {0, 1, 3}) {
    CAPTURE(batches);
    const auto die = [&]() -> int {
      const auto storage = SqliteStorage::Open(store.data.Options());
      const auto ring = store.RingOf(**storage);
      KeyForgetting forgetting = store.Forgetting();
      int announced = 0;
      forgetting.announce = [&](const auto&) {
        if (announced++ == batches) (void)raise(SIGKILL);
        return absl::OkStatus();
      };
      return Ended::ForgetAll(ring->admin(), forgetting);
    };
    CHECK(InProcesses({die}) == std::vector<int>{-1});
    const auto count = [&]() -> int {
      const auto storage = SqliteStorage::Open(store.data.Options());
      return Ended::Count(store.RingOf(**storage)->admin(), "ended");
    };
    const int forgotten_before = batches == 3 ? 7 : 0;  // by the run before
    CHECK(InProcesses({count}) == std::vector<int>{kEnded - forgotten_before - batches * 7});
  }
  const auto storage = store.data.Open();
  const auto ring = store.RingOf(*storage);
  CHECK(Ended::ForgetAll(ring->admin(), store.Forgetting()) == kEnded - 4 * 7);
  CHECK(Ended::Count(ring->admin(), "live") == kEnded);
}

TEST_CASE("what is forgotten is found by its index, however many keys there are") {
  const Ended store;
  { const auto storage = store.data.Open(); }
  RawDatabase raw(store.data.File("gate.db"));
  sqlite3_stmt* plan = nullptr;
  REQUIRE(sqlite3_prepare_v2(raw.handle(),
                             "EXPLAIN QUERY PLAN SELECT * FROM keys WHERE ends_at>=1 AND ends_at<=9"
                             " AND (ends_at>1 OR id>'a') ORDER BY ends_at, id LIMIT 5",
                             -1, &plan, nullptr) == SQLITE_OK);
  std::string steps;
  while (sqlite3_step(plan) == SQLITE_ROW)
    steps += std::string(reinterpret_cast<const char*>(sqlite3_column_text(plan, 3))) + "; ";
  sqlite3_finalize(plan);
  CAPTURE(steps);
  CHECK(steps.find("INDEX keys_by_end") != std::string::npos);
  CHECK(steps.find("TEMP B-TREE") == std::string::npos);
}

}  // namespace
}  // namespace mcpgate::testing
