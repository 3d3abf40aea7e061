// 64 creators at once: a limit that is counted first and inserted afterwards would let them pass.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

constexpr int kCreators = 64;
const TenantScope kOperator = TenantScope::Operator();

/// How many of the creators that begin together get what they ask for.
template <typename Create>
int Race(Create create) {
  std::atomic<int> ready{0}, made{0};
  std::vector<std::thread> creators;
  for (int i = 0; i < kCreators; ++i) {
    creators.emplace_back([&] {
      for (++ready; ready < kCreators;) std::this_thread::yield();
      made += create() ? 1 : 0;
    });
  }
  for (std::thread& creator : creators) creator.join();
  return made;
}

struct Rivals : testing::KeyringFixture {
  explicit Rivals(KeyHolder ada) {
    ada.tenant = "default";
    ada.id = "ada";
    REQUIRE(ring->people().CreateHolder(kOperator, ada).ok());
  }
  bool Create() { return ring->admin().Issue(kOperator, {.name = "k", .principal = "ada"}).ok(); }
  int Live(KeyKind kind) {
    int live = 0;
    const auto page = ring->admin().List(kOperator, {});
    REQUIRE(page.ok());
    for (const KeyInfo& info : page->keys)
      live += info.state == KeyInfo::State::kLive && info.record.kind == kind ? 1 : 0;
    return live;
  }
};

TEST_CASE("an issue policy holds against 64 creators at once") {
  for (const int limit : {1, 5, 63}) {
    Rivals rivals({.issue_policy = {.limit = limit}});
    CHECK(Race([&] { return rivals.Create(); }) == limit);
    CHECK(rivals.Live(KeyKind::kKey) == limit);
  }
}

TEST_CASE("of 64 that replace one another's key one is left") {
  Rivals rivals({.issue_policy = {.rule = IssuePolicy::Rule::kReplace}});
  CHECK(Race([&] { return rivals.Create(); }) >= 1);
  CHECK(rivals.Live(KeyKind::kKey) == 1);
}

TEST_CASE("a session limit holds against 64 creators at once") {
  Rivals rivals({.session_limit = 7});
  const IssuedKey parent = rivals.Issue({.name = "p", .principal = "ada"});
  const auto mint = [&] {
    return rivals.ring->admin().MintSession(kOperator, {.parent = parent.record.id, .name = "s"}).ok();
  };
  CHECK(Race(mint) == 7);
  CHECK(rivals.Live(KeyKind::kSession) == 7);
}

TEST_CASE("of 64 that rotate a key one does") {
  Rivals rivals({});
  const IssuedKey key = rivals.Issue({.name = "p"});
  const auto rotate = [&] {
    return rivals.ring->admin().Rotate(kOperator, key.record.id, std::chrono::hours(1)).ok();
  };
  CHECK(Race(rotate) == 1);
  CHECK(rivals.Live(KeyKind::kKey) == 2);
}

TEST_CASE("of 64 that show the bootstrap token one becomes the first administrator") {
  Rivals rivals({});
  const auto token = rivals.ring->admin().BeginBootstrap();
  REQUIRE(token.ok());
  const auto claim = [&] {
    return rivals.ring->admin().Bootstrap(*token, "127.0.0.1", {.name = "first"}).ok();
  };
  CHECK(Race(claim) == 1);
  CHECK(rivals.Live(KeyKind::kKey) == 1);
}

}  // namespace
}  // namespace mcpgate
