// Several processes on one directory.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "fixture.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/people.h"
#include "storage/sqlite/revision_word.h"

namespace mcpgate::testing {
namespace {

std::unique_ptr<Keyring> RingOf(SqliteStorage& storage) {
  auto ring = Keyring::New({.store = storage.keys(), .root_key = storage.root_key()});
  REQUIRE(ring.ok());
  return *std::move(ring);
}

bool Post(RateLimiter& limiter) {
  const LimitPolicy posting = PostingLimit();
  const LimitCharge charge{.policy = &posting, .partition = "family"};
  const auto decision = limiter.Take({&charge, 1}, nullptr);
  return decision.ok() && decision->allowed;
}

TEST_CASE("a key made by one opening works at once in another, a revoked one stops at once") {
  const DataDirectory data;
  const auto one = data.Open(), other = data.Open();
  const auto ring = RingOf(*one), other_ring = RingOf(*other);
  const auto issued = ring->admin().Issue(TenantScope::Operator(), {.name = "laptop"});
  REQUIRE(issued.ok());
  CHECK(other_ring->Verify(issued->token)->principal != nullptr);
  CHECK(other_ring->Verify(issued->token)->principal != nullptr);  // now from memory
  REQUIRE(ring->admin().Revoke(TenantScope::Operator(), issued->record.id).ok());
  CHECK(other_ring->Verify(issued->token)->refusal == KeyRefusal::kRevoked);
}

TEST_CASE("a key made and revoked by other processes works and stops here") {
  const DataDirectory data;
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const auto make = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    const auto issued = (*ring)->admin().Issue(TenantScope::Operator(), {.name = "laptop"});
    const std::string_view token = RevealSecret(issued->token);
    return write(pipe_ends[1], token.data(), token.size()) == static_cast<ssize_t>(token.size()) ? 0 : 1;
  };
  CHECK(InProcesses({make}) == std::vector<int>{0});
  std::array<char, 200> text;
  const ssize_t size = read(pipe_ends[0], text.data(), text.size());
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  REQUIRE(size > 0);
  const Secret token(std::string_view(text.data(), static_cast<std::size_t>(size)));
  {
    const auto storage = data.Open();
    CHECK(RingOf(*storage)->Verify(token)->principal != nullptr);
  }
  const auto revoke = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    const auto keys = (*ring)->admin().List(TenantScope::Operator(), {});
    return keys.ok() && keys->keys.size() == 1 &&
                   (*ring)->admin().Revoke(TenantScope::Operator(), keys->keys.front().record.id).ok()
               ? 0
               : 1;
  };
  CHECK(InProcesses({revoke}) == std::vector<int>{0});
  const auto storage = data.Open();
  CHECK(RingOf(*storage)->Verify(token)->refusal == KeyRefusal::kRevoked);
}

TEST_CASE("five posts an hour hold across processes and restarts") {
  const DataDirectory data;
  const auto post_four = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    if (!storage.ok()) return 100;
    int allowed = 0;
    for (int i = 0; i < 4; ++i) allowed += Post(*(*storage)->limiter()) ? 1 : 0;
    return allowed;
  };
  const std::vector<int> together = InProcesses({post_four, post_four, post_four});
  CHECK(std::accumulate(together.begin(), together.end(), 0) == 5);
  CHECK(InProcesses({post_four}) == std::vector<int>{0});
  const auto storage = data.Open();
  CHECK_FALSE(Post(*storage->limiter()));
}

TEST_CASE("several processes extend one chain") {
  const DataDirectory data;
  const auto append = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    if (!storage.ok()) return 100;
    int failed = 0;
    for (int i = 0; i < 60; ++i) {
      const auto durability = i % 3 == 0 ? AuditDurability::kBefore : AuditDurability::kQueued;
      failed += (*storage)->audit()->Append(Record("work"), durability).ok() ? 0 : 1;
    }
    failed += (*storage)->audit()->Flush().ok() ? 0 : 1;
    return failed;
  };
  CHECK(InProcesses({append, append, append}) == std::vector<int>{0, 0, 0});
  const auto storage = data.Open();
  const AuditVerdict verdict = storage->trail()->Verify();
  CHECK_MESSAGE(verdict.state == AuditVerdict::State::kIntact, verdict.detail);
  CHECK(verdict.records == 180);
  CHECK(storage->repaired().empty());
}

TEST_CASE("a revision left odd by a process that died is made even by the next reader") {
  const DataDirectory data;
  const auto storage = data.Open();
  const std::uint64_t before = storage->keys()->Revision();
  const auto word = sqlite::RevisionWord::Map(data.File("revision"), data.File("gate.db.lock"));
  REQUIRE(word.ok());
  (*word)->BeginChange();
  // The storage's own writer may hold the directory's lock just then, and is waited for.
  std::uint64_t after = storage->keys()->Revision();
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
       after % 2 != 0 && std::chrono::steady_clock::now() < end;) {
    std::this_thread::yield();
    after = storage->keys()->Revision();
  }
  CHECK(after % 2 == 0);
  CHECK(after != before);
}

TEST_CASE("a revision stays odd for as long as the writer that made it so lives") {
  const DataDirectory data;
  const auto storage = data.Open();
  sqlite::FileLock writer(data.File("gate.db.lock"));
  REQUIRE(writer.Acquire(std::chrono::seconds(20)).ok());  // the storage writes a row after it is open
  const auto word = sqlite::RevisionWord::Map(data.File("revision"), data.File("gate.db.lock"));
  REQUIRE(word.ok());
  (*word)->BeginChange();
  CHECK(storage->keys()->Revision() % 2 == 1);
  writer.Release();
  CHECK(storage->keys()->Revision() % 2 == 0);
}

TEST_CASE("what a storage handed out may outlive it, and then refuses") {
  const DataDirectory data;
  auto storage = data.Open();
  const auto keys = storage->keys();
  const auto audit = storage->audit();
  const auto limiter = storage->limiter();
  storage.reset();
  CHECK(absl::IsUnavailable(audit->Append(Record("late"), AuditDurability::kBefore)));
  CHECK(absl::IsUnavailable(audit->Append(Record("late"), AuditDurability::kQueued)));
  CHECK(absl::IsUnavailable(keys->Insert({.id = "late"})));
  CHECK_FALSE(Post(*limiter));
}

// Numbers that processes share.
struct SharedCounts {
  std::atomic<int> begun{0}, ended{0}, verified{0}, accepted{0}, refused{0}, made{0};

  static SharedCounts* Map() {
    void* memory =
        mmap(nullptr, sizeof(SharedCounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    return new (memory) SharedCounts;
  }
};

TEST_CASE("a verification that begins in one process after another revoked the key never succeeds") {
  constexpr int kKeys = 100, kEach = 110;
  const DataDirectory data;
  SharedCounts& counts = *SharedCounts::Map();
  std::vector<IssuedKey> keys;
  const auto make = [&] {
    const auto storage = data.Open();
    const auto ring = RingOf(*storage);
    for (int i = 0; i < kKeys; ++i) {
      auto issued = ring->admin().Issue(TenantScope::Operator(), {.name = "key"});
      REQUIRE(issued.ok());
      keys.push_back(*std::move(issued));
    }
  };
  make();
  const auto revoke = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    int failed = 0;
    for (int i = 0; i < kKeys; ++i) {
      while (counts.verified < i * kEach) std::this_thread::yield();
      counts.begun = i + 1;
      failed += (*ring)->admin().Revoke(TenantScope::Operator(), keys[i].record.id).ok() ? 0 : 1;
      counts.ended = i + 1;
    }
    return failed;
  };
  const auto verify = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    for (int turn = 0; counts.ended < kKeys; ++turn) {
      const int ended = counts.ended;
      const int key = std::min(ended + turn % 3, kKeys) - 1;  // the last revoked, the next, the one after
      if (key < 0) {
        ++counts.verified;
        continue;
      }
      const auto verdict = (*ring)->Verify(keys[key].token);
      const bool accepted = verdict.ok() && verdict->principal != nullptr;
      counts.accepted += key < ended && accepted ? 1 : 0;
      counts.refused += key >= counts.begun && !accepted ? 1 : 0;
      ++counts.verified;
    }
    return 0;
  };
  CHECK(InProcesses({revoke, verify}) == std::vector<int>{0, 0});
  CHECK(counts.verified > 10'000);
  CHECK(counts.accepted == 0);
  CHECK(counts.refused == 0);
}

TEST_CASE("issue policy and session limit hold against 64 creators in two processes") {
  const DataDirectory data;
  SharedCounts& counts = *SharedCounts::Map();
  const TenantScope all = TenantScope::Operator();
  std::string parent;
  {
    const auto storage = data.Open();
    const auto ring = RingOf(*storage);
    REQUIRE(ring->people()
                .CreateHolder(
                    all, {.tenant = "default", .id = "ada", .issue_policy = {.limit = 6}, .session_limit = 5})
                .ok());
    parent = ring->admin().Issue(all, {.name = "p", .principal = "ada"})->record.id;
  }
  const auto create = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    KeyAdmin& admin = (*ring)->admin();
    std::atomic<int> keys{0}, sessions{0};
    std::vector<std::thread> creators;
    for (int i = 0; i < 32; ++i) {
      creators.emplace_back([&] {
        for (++counts.made; counts.made < 64;) std::this_thread::yield();
        keys += admin.Issue(all, {.name = "k", .principal = "ada"}).ok() ? 1 : 0;
        sessions += admin.MintSession(all, {.parent = parent, .name = "s"}).ok() ? 1 : 0;
      });
    }
    for (std::thread& creator : creators) creator.join();
    return keys * 10 + sessions;
  };
  const std::vector<int> made = InProcesses({create, create});
  CHECK(made[0] / 10 + made[1] / 10 == 5);  // and the parent
  CHECK(made[0] % 10 + made[1] % 10 == 5);
}

}  // namespace
}  // namespace mcpgate::testing
