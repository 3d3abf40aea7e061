// Several processes on one directory.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <numeric>
#include <thread>

#include "fixture.h"
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
  const auto issued = ring->Issue({.name = "laptop"});
  REQUIRE(issued.ok());
  CHECK(other_ring->Verify(issued->token)->principal != nullptr);
  CHECK(other_ring->Verify(issued->token)->principal != nullptr);  // now from memory
  REQUIRE(ring->Revoke(issued->record.id).ok());
  CHECK(other_ring->Verify(issued->token)->refusal == KeyRefusal::kRevoked);
}

TEST_CASE("a key made and revoked by other processes works and stops here") {
  const DataDirectory data;
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const auto make = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
    const auto issued = (*ring)->Issue({.name = "laptop"});
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
    const auto keys = (*ring)->List("", 10);
    return keys.ok() && keys->size() == 1 && (*ring)->Revoke(keys->front().record.id).ok() ? 0 : 1;
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
  REQUIRE(writer.TryAcquire());
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

}  // namespace
}  // namespace mcpgate::testing
