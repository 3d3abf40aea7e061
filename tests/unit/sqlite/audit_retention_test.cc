// Segments are closed, kept as headers and removed, and the chain can be verified all the while.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "kept_trail.h"
#include "storage/sqlite/audit_segment.h"
#include "storage/sqlite/audit_signer.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;
using std::chrono::hours;

AuditKeeping SmallSegments() { return {.retention = hours(24), .segment_records = 10}; }

/// Twenty old records in two segments and five young ones.
struct OldAndYoung : KeptTrail {
  OldAndYoung() : KeptTrail(SmallSegments()) {
    Append(20, "old");
    checkpoint_of_20 = Checkpoint();
    data.clock.Advance(hours(30));
    Append(5, "young");
    checkpoint_of_25 = Checkpoint();
  }
  void CheckRemoved() const {
    CHECK(Seqs().front() == 21);
    const AuditVerdict verdict = Verify({checkpoint_of_20, checkpoint_of_25});
    CHECK_MESSAGE(verdict.state == State::kIntact, verdict.detail);
  }
  std::string checkpoint_of_20, checkpoint_of_25;
};

TEST_CASE("segments close by records, bytes or age") {
  AuditKeeping by_age{.retention = hours(1000), .segment_every = hours(1)};
  AuditKeeping by_bytes{.retention = hours(1000), .segment_bytes = 200};
  AuditKeeping by_records{.retention = hours(1000), .segment_records = 4};
  const std::vector<std::pair<AuditKeeping, std::string>> cases = {
      {by_age, "9"}, {by_bytes, "2,4,6,8"}, {by_records, "4,8"}};
  for (const auto& [keeping, expected] : cases) {
    KeptTrail kept(keeping);
    kept.Append(9);
    kept.Tick();
    kept.data.clock.Advance(hours(1) + Nanos(1));
    kept.Tick();
    RawDatabase raw(kept.path);
    CHECK(raw.Answer("SELECT group_concat(last) FROM (SELECT last FROM segment ORDER BY last)") == expected);
    CHECK(kept.Verify().state == State::kIntact);
  }
}

TEST_CASE_FIXTURE(OldAndYoung, "old segments go, their headers stay, and the trail says so") {
  Tick();
  CheckRemoved();
  RawDatabase raw(path);
  CHECK(raw.Answer("SELECT count(*) FROM segment") == "2");
  CHECK(raw.Answer("SELECT min(seq) FROM audit") == "21");
  CHECK(raw.Answer("SELECT count(*) FROM audit WHERE body LIKE "
                   "'%audit.retention%\"from_seq\":\"1\"%\"to_seq\":\"20\"%'") == "1");
  CHECK(Verify().records == 26);
}

TEST_CASE_FIXTURE(OldAndYoung, "what another process left half done is finished, and nothing is done twice") {
  Tick();
  Stop();
  Start();
  Tick();
  CHECK(Verify().records == 26);
  data.clock.Advance(hours(30));
  Append(4);  // closes the third segment with the young ones
  Tick();
  CHECK(Seqs().front() == 21);  // it has a new record as well
  CheckRemoved();
}

TEST_CASE_FIXTURE(OldAndYoung, "each step of a removal leaves one of two whole trails") {
  keeping.retention.reset();
  Stop();
  Start();
  Tick();  // closes the segments
  CHECK(Seqs().size() == 25);
  CHECK(Verify({checkpoint_of_20}).state == State::kIntact);
  const auto segment = [this] {
    RawDatabase raw(path);
    const auto read = sqlite::OpenSegment(sqlite::AuditSigner(data.Open()->root_key()).verifier(),
                                          raw.Answer("SELECT note FROM segment WHERE last=20"));
    REQUIRE(read.ok());
    return *read;
  }();
  struct Retire : sqlite::WriteRequest {
    Retire(sqlite::AuditTable& to, sqlite::ChainHead at) : table(to), end(at) {}
    absl::Status Apply() override { return table.Retire(end); }
    sqlite::AuditTable& table;
    sqlite::ChainHead end;
  };
  struct Sweep : sqlite::WriteRequest {
    explicit Sweep(sqlite::AuditTable& to) : table(to) {}
    absl::Status Apply() override { return table.Sweep(3); }
    sqlite::AuditTable& table;
  };
  REQUIRE(book->writer->Write(std::make_shared<Retire>(book->table, segment.end)).ok());
  CheckRemoved();
  for (int step = 0; book->writer->Write(std::make_shared<Sweep>(book->table)).ok(); ++step) {
    CheckRemoved();
    Stop();
    Start();
    CheckRemoved();
    REQUIRE(step < 7);
  }
  CHECK(RawDatabase(path).Answer("SELECT min(seq) FROM audit") == "21");
}

TEST_CASE_FIXTURE(OldAndYoung, "without the root key nobody can pretend that retention removed records") {
  Tick();
  Stop();
  RawDatabase raw(path);
  SUBCASE("a record goes as well") { raw.Run("DELETE FROM audit WHERE seq=21"); }
  SUBCASE("the place is moved") { raw.Run("DELETE FROM audit WHERE seq<=23; UPDATE base SET seq=23"); }
  SUBCASE("the place is forgotten") { raw.Run("DELETE FROM base"); }
  SUBCASE("a header is taken away") { raw.Run("DELETE FROM segment WHERE last=10"); }
  SUBCASE("the last header is taken away") { raw.Run("DELETE FROM segment WHERE last=20"); }
  SUBCASE("a header is changed") {
    raw.Run("UPDATE segment SET note=replace(note, 'segment 11', 'segment 12') WHERE last=20");
  }
  CHECK(Verify().state == State::kTampered);
}

TEST_CASE_FIXTURE(OldAndYoung, "a checkpoint inside a removed segment cannot be compared, which is told") {
  KeptTrail kept(SmallSegments());
  kept.Append(7);
  const std::string inside = kept.Checkpoint();
  kept.Append(13);
  kept.data.clock.Advance(hours(30));
  kept.Tick();
  CHECK(kept.Verify().state == State::kIntact);
  const AuditVerdict verdict = kept.Verify({inside});
  CHECK(verdict.state == State::kUnreadable);
  CHECK(verdict.detail.find("retention removed") != std::string::npos);
}

TEST_CASE("a process killed at any moment of a removal leaves one of two whole trails") {
  KeptTrail kept(SmallSegments());
  kept.keeping.retention = Nanos(1);  // whatever is closed goes at once
  kept.Append(10, "old");
  kept.Stop();
  std::mt19937_64 random(20261122);
  int wrong = 0;
  for (int round = 0; round < 40; ++round) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      kept.Start();
      for (;;) {
        kept.Append(25);
        kept.data.clock.Advance(hours(1));
        (void)kept.keeper->Tick();
      }
    }
    usleep(static_cast<useconds_t>(random() % 30'000));
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    kept.Start();
    wrong += kept.Verify().state == State::kIntact ? 0 : 1;
    const std::vector<std::uint64_t> seqs = kept.Seqs();
    wrong += seqs.empty() || (seqs.front() - 1) % 10 == 0 ? 0 : 1;  // whole segments only
    kept.Tick();
    wrong += kept.Verify().state == State::kIntact ? 0 : 1;
    kept.Stop();
  }
  CHECK(wrong == 0);
  CHECK(RawDatabase(kept.path).Answer("SELECT count(*)>0 FROM segment") == "1");
}

}  // namespace
}  // namespace mcpgate::testing
