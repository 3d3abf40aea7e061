// Random damage to the file itself: verify never passes a trail that reads back changed.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "fixture.h"
#include "storage/sqlite/audit_trail.h"
#include "support/sanitized.h"

namespace mcpgate::testing {
namespace {

using State = AuditVerdict::State;

std::vector<std::string> Bodies(AuditTrail& trail, const AuditQuery& query) {
  std::vector<std::string> bodies;
  const auto records = trail.Read(TenantScope::Operator(), query);
  if (!records.ok()) return {"unreadable"};
  for (const StoredAudit& record : *records) bodies.push_back(std::to_string(record.seq) + record.body);
  return bodies;
}

/// A trail of several pages, closed and checkpointed, as bytes that can be damaged.
struct ClosedTrail {
  ClosedTrail() {
    {
      const auto storage = data.Open();
      root_key = storage->root_key();
      for (int i = 0; i < 220; ++i) {
        AuditRecord record = Record("act-" + std::to_string(i));
        record.reason = std::string(static_cast<std::size_t>(i % 7) * 120, 'r');
        REQUIRE(storage->audit()->Append(record, AuditDurability::kQueued).ok());
      }
      REQUIRE(storage->audit()->Flush().ok());
      all = Bodies(*storage->trail(), {.limit = 1000});
    }
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
    REQUIRE(bytes.size() > 8 * 4096);
  }
  void WriteByte(std::size_t at, char byte) const {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  DataDirectory data;
  const std::string path = data.File("audit.db");
  Secret root_key;
  std::vector<std::string> all;
  std::string bytes;
};

int Flips() {
  const char* text = std::getenv("MCPGATE_TEST_FLIPS");
  return text == nullptr ? testing::Rounds(10'000) : std::atoi(text);
}

TEST_CASE("no random byte makes verify pass a trail that reads back changed") {
  const ClosedTrail closed;
  std::mt19937_64 random(20260702);
  int intact = 0, passed_changed = 0;
  for (int i = 0; i < Flips(); ++i) {
    const std::size_t at = random() % closed.bytes.size();
    const char was = closed.bytes[at];
    closed.WriteByte(at, static_cast<char>(was ^ static_cast<char>(1 + random() % 255)));
    const auto trail = sqlite::NewAuditTrail(closed.path, closed.root_key, std::chrono::milliseconds(50));
    if (trail->Verify().state == State::kIntact) {
      ++intact;
      const std::uint64_t after = random() % closed.all.size();
      const std::vector<std::string> rest(closed.all.begin() + static_cast<std::ptrdiff_t>(after),
                                          closed.all.end());
      passed_changed += Bodies(*trail, {.limit = 1000}) == closed.all ? 0 : 1;
      passed_changed += Bodies(*trail, {.after_seq = after, .limit = 1000}) == rest ? 0 : 1;
      passed_changed += Bodies(*trail, {.limit = 1000, .newest = true}) == closed.all ? 0 : 1;
    }
    closed.WriteByte(at, was);
  }
  CHECK(passed_changed == 0);
  CHECK(intact < Flips() / 2);  // most of the file is records
}

TEST_CASE("a damaged file opens or is refused in good order, and never reads back changed") {
  const ClosedTrail closed;
  std::mt19937_64 random(20260703);
  int passed_changed = 0;
  for (int i = 0; i < Flips() / 100; ++i) {
    const std::size_t at = random() % closed.bytes.size();
    std::string damaged = closed.bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    std::ofstream(closed.path, std::ios::binary) << damaged;
    const auto storage = SqliteStorage::Open(closed.data.Options());
    if (!storage.ok() || (*storage)->trail()->Verify().state != State::kIntact) continue;
    std::vector<std::string> read = Bodies(*(*storage)->trail(), {.limit = 1000});
    // Opening may mend a tail, which leaves a record of its own at the end.
    const bool repaired = !(*storage)->repaired().empty();
    passed_changed += read == closed.all || repaired ? 0 : 1;
  }
  CHECK(passed_changed == 0);
}

}  // namespace
}  // namespace mcpgate::testing
