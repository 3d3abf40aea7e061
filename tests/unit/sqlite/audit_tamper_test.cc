// What verify says about a trail that somebody without the root key has changed.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fixture.h"
#include "mcpgate/json.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;

constexpr int kRecords = 20;

void Fill(SqliteStorage& storage, int records) {
  for (int i = 1; i <= records; ++i)
    REQUIRE(storage.audit()->Append(Record("act-" + std::to_string(i)), AuditDurability::kQueued).ok());
  REQUIRE(storage.audit()->Flush().ok());
}

std::string ActionOf(const StoredAudit& record) {
  const auto body = ParseJson(record.body);
  return body.ok() ? StringOr(*body, "action", "") : "";
}

TEST_CASE("verify names the first record that does not hold") {
  struct Change {
    std::string sql;
    State state;
    std::uint64_t first_bad;
  };
  const std::vector<Change> changes = {
      {"UPDATE audit SET body=replace(body, 'act-7', 'act-8') WHERE seq=7", State::kTampered, 7},
      {"UPDATE audit SET body=body||' ' WHERE seq=1", State::kTampered, 1},
      {"UPDATE audit SET hash=zeroblob(32) WHERE seq=5", State::kTampered, 5},
      {"UPDATE audit SET hash=x'00' WHERE seq=5", State::kTampered, 5},
      {"UPDATE audit SET hash=(SELECT hash FROM audit WHERE seq=4) WHERE seq=5", State::kTampered, 5},
      {"DELETE FROM audit WHERE seq=1", State::kTampered, 1},
      {"DELETE FROM audit WHERE seq=12", State::kTampered, 12},
      {"DELETE FROM audit WHERE seq=12; UPDATE audit SET seq=seq-1 WHERE seq>12", State::kTampered, 12},
      {"DELETE FROM audit WHERE seq>17", State::kTruncated, 18},
      {"DELETE FROM audit", State::kTruncated, 1},
      {"INSERT INTO audit VALUES(21, '{}', zeroblob(32))", State::kTampered, 21},
      {"INSERT INTO audit VALUES(0, '{}', zeroblob(32))", State::kTampered, 1},
      {"INSERT INTO audit VALUES(-5, '{}', zeroblob(32))", State::kTampered, 1},
      {"INSERT INTO audit VALUES(9223372036854775807, '{}', zeroblob(32))", State::kTampered, 21},
      {"UPDATE audit SET seq=100 WHERE seq=3; UPDATE audit SET seq=3 WHERE seq=4;"
       "UPDATE audit SET seq=4 WHERE seq=100",
       State::kTampered, 3},
      {"UPDATE head SET seq=19", State::kTampered, 21},
      {"UPDATE head SET mac=zeroblob(32)", State::kTampered, 21},
      {"UPDATE head SET hash=(SELECT hash FROM audit WHERE seq=19)", State::kTampered, 21},
      {"DELETE FROM head", State::kTampered, 21},
      {"DROP TABLE head", State::kUnreadable, 1},
      {"DROP TABLE audit", State::kUnreadable, 1},
  };
  for (const Change& change : changes) {
    CAPTURE(change.sql);
    const DataDirectory data;
    const auto storage = data.Open();
    Fill(*storage, kRecords);
    RawDatabase(data.File("audit.db")).Run(change.sql);
    const AuditVerdict verdict = storage->trail()->Verify();
    CHECK(verdict.state == change.state);
    CHECK(verdict.first_bad == change.first_bad);
    CHECK_FALSE(verdict.detail.empty());
  }
}

TEST_CASE("a head that was set back without its seal is seen") {
  const DataDirectory data;
  const auto storage = data.Open();
  Fill(*storage, kRecords);
  RawDatabase raw(data.File("audit.db"));
  raw.Run("CREATE TEMP TABLE old AS SELECT * FROM head");
  Fill(*storage, 5);
  raw.Run(
      "DELETE FROM audit WHERE seq>20; UPDATE head SET seq=(SELECT seq FROM temp.old),"
      "hash=(SELECT hash FROM temp.old)");
  CHECK(storage->trail()->Verify().state == State::kTampered);  // the seal is of 25 records
}

TEST_CASE("under another root key nothing holds") {
  const DataDirectory data, other;
  {
    Fill(*data.Open(), 3);
    const auto make_key = other.Open();
  }
  std::filesystem::copy_file(data.File("audit.db"), other.File("audit.db"),
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(other.File("audit.db-wal"));
  std::filesystem::remove(other.File("audit.db-shm"));
  const auto storage = other.Open();
  const AuditVerdict verdict = storage->trail()->Verify();
  CHECK(verdict.state == State::kTampered);
  CHECK(verdict.first_bad == 1);
}

TEST_CASE("a trail with a forged head takes no more records and is not mended") {
  const DataDirectory data;
  Fill(*data.Open(), 3);
  RawDatabase(data.File("audit.db")).Run("UPDATE head SET mac=zeroblob(32)");
  const auto storage = data.Open();
  CHECK(storage->repaired().empty());
  CHECK_FALSE(storage->audit()->Append(Record("effect"), AuditDurability::kBefore).ok());
  CHECK_FALSE(storage->Health().ok());
  CHECK_FALSE(storage->audit()->Ready().ok());
  CHECK_FALSE(storage->audit()->Append(Record("read"), AuditDurability::kQueued).ok());
  CHECK(storage->trail()->Verify().state == State::kTampered);
}

TEST_CASE("a file that is no database opens, refuses records, and is called unreadable") {
  const DataDirectory data;
  Fill(*data.Open(), 3);
  std::filesystem::remove(data.File("audit.db-wal"));
  { std::ofstream(data.File("audit.db"), std::ios::binary) << std::string(8192, 'x'); }
  const auto storage = data.Open();
  CHECK_FALSE(storage->audit()->Append(Record("effect"), AuditDurability::kBefore).ok());
  CHECK_FALSE(storage->Health().ok());
  CHECK(storage->trail()->Verify().state == State::kUnreadable);
}

TEST_CASE("a break in the middle stays, whatever is opened or appended after it") {
  const DataDirectory data;
  Fill(*data.Open(), kRecords);
  RawDatabase(data.File("audit.db")).Run("DELETE FROM audit WHERE seq=9");
  const auto storage = data.Open();
  Fill(*storage, 5);
  CHECK(storage->repaired().empty());
  const AuditVerdict verdict = storage->trail()->Verify();
  CHECK(verdict.state == State::kTampered);
  CHECK(verdict.first_bad == 9);
}

TEST_CASE("a cut tail stays cut: later records follow the ones that are gone") {
  const DataDirectory data;
  Fill(*data.Open(), kRecords);
  RawDatabase(data.File("audit.db")).Run("DELETE FROM audit WHERE seq>17");
  const auto storage = data.Open();
  Fill(*storage, 2);
  const AuditVerdict verdict = storage->trail()->Verify();
  CHECK(verdict.state == State::kTampered);
  CHECK(verdict.first_bad == 18);
  const auto newest = storage->trail()->Read(TenantScope::Operator(), {.limit = 1, .newest = true});
  REQUIRE(newest.ok());
  CHECK(newest->front().seq == 22);
}

// A head from before the last groups, with its seal: what a disk leaves that lost one page and kept another.
class TornTail {
 public:
  TornTail() {
    const auto storage = data.Open();
    Fill(*storage, 10);
    RawDatabase raw(data.File("audit.db"));
    raw.Run("CREATE TABLE old AS SELECT * FROM head");
    Fill(*storage, 3);
    raw.Run("DELETE FROM head; INSERT INTO head SELECT * FROM old; DROP TABLE old");
  }
  DataDirectory data;
};

TEST_CASE("whole records beyond the head are taken back, and the trail says so") {
  const TornTail torn;
  const auto storage = torn.data.Open();
  CHECK(storage->repaired() == "audit.db: a torn tail of 3 records from seq 11: 3 taken back, 0 removed");
  const AuditVerdict verdict = storage->trail()->Verify();
  CHECK_MESSAGE(verdict.state == State::kIntact, verdict.detail);
  CHECK(verdict.records == 14);
  const auto newest = storage->trail()->Read(TenantScope::Operator(), {.limit = 1, .newest = true});
  REQUIRE(newest.ok());
  CHECK(ActionOf(newest->front()) == "audit.repair");
}

TEST_CASE("records beyond the head that do not hold are removed, and the trail says so") {
  const TornTail torn;
  RawDatabase(torn.data.File("audit.db")).Run("UPDATE audit SET body='{}' WHERE seq=12");
  const auto storage = torn.data.Open();
  CHECK(storage->repaired() == "audit.db: a torn tail of 3 records from seq 11: 1 taken back, 2 removed");
  CHECK(storage->trail()->Verify().state == State::kIntact);
  const auto newest = storage->trail()->Read(TenantScope::Operator(), {.limit = 1, .newest = true});
  REQUIRE(newest.ok());
  CHECK(newest->front().seq == 12);
  CHECK(ActionOf(newest->front()) == "audit.repair");
}

TEST_CASE("a trail that was taken away is not silently begun anew") {
  const DataDirectory data;
  Fill(*data.Open(), 5);
  SUBCASE("deleted") { std::filesystem::remove(data.File("audit.db")); }
  SUBCASE("emptied") { std::filesystem::resize_file(data.File("audit.db"), 0); }
  std::filesystem::remove(data.File("audit.db-wal"));
  std::filesystem::remove(data.File("audit.db-shm"));
  const auto storage = data.Open();
  CHECK(storage->repaired().find("though there was a trail") != std::string_view::npos);
  const auto first = storage->trail()->Read(TenantScope::Operator(), {.limit = 1});
  REQUIRE((first.ok() && first->size() == 1));
  CHECK(ActionOf(first->front()) == "audit.repair");
  CHECK(data.Open()->repaired().empty());
}

TEST_CASE("a repair is made and told once") {
  const TornTail torn;
  { const auto first = torn.data.Open(); }
  const auto second = torn.data.Open();
  CHECK(second->repaired().empty());
  CHECK(second->trail()->Verify().records == 14);
}

}  // namespace
}  // namespace mcpgate::testing
