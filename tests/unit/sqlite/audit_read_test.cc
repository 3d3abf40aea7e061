// Reading the trail back.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

std::vector<std::uint64_t> Seqs(AuditTrail& trail, const AuditQuery& query) {
  const auto records = trail.Read(TenantScope::Operator(), query);
  REQUIRE(records.ok());
  std::vector<std::uint64_t> seqs;
  for (const StoredAudit& record : *records) seqs.push_back(record.seq);
  return seqs;
}

TEST_CASE("a query picks by place and by what the record says") {
  const DataDirectory data;
  const auto storage = data.Open();
  for (int i = 1; i <= 12; ++i) {
    AuditRecord record = Record(i % 2 == 0 ? "even" : "odd");
    record.key = i % 3 == 0 ? "third" : "other";
    record.outcome = i % 4 == 0 ? AuditOutcome::kDeny : AuditOutcome::kOk;
    record.reason = "even";  // a value in the wrong member must not match
    REQUIRE(storage->audit()->Append(record, AuditDurability::kQueued).ok());
  }
  REQUIRE(storage->audit()->Flush().ok());
  using Numbers = std::vector<std::uint64_t>;
  const std::vector<std::pair<AuditQuery, Numbers>> cases = {
      {{.limit = 3}, {1, 2, 3}},
      {{.after_seq = 10}, {11, 12}},
      {{.after_seq = 12}, {}},
      {{.after_seq = ~std::uint64_t{0}}, {}},
      {{.limit = 0}, {}},
      {{.limit = 3, .newest = true}, {10, 11, 12}},
      {{.after_seq = 11, .limit = 5, .newest = true}, {12}},
      {{.action = "even"}, {2, 4, 6, 8, 10, 12}},
      {{.limit = 2, .newest = true, .action = "even"}, {10, 12}},
      {{.key = "third"}, {3, 6, 9, 12}},
      {{.key = "third", .action = "even"}, {6, 12}},
      {{.outcome = "deny"}, {4, 8, 12}},
      {{.action = "eve"}, {}},
  };
  for (const auto& [query, expected] : cases) {
    CAPTURE(query.after_seq);
    CAPTURE(query.action.value_or("-"));
    CHECK(Seqs(*storage->trail(), query) == expected);
  }
}

TEST_CASE("a queued record is on disk soon, though nobody asks") {
  const DataDirectory data;
  const auto storage = data.Open();
  const auto other = data.Open();
  REQUIRE(storage->audit()->Append(Record("quiet"), AuditDurability::kQueued).ok());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);  // a loaded machine's 50 ms
  while (Seqs(*other->trail(), {}).empty() && std::chrono::steady_clock::now() < until) continue;
  CHECK(Seqs(*other->trail(), {}).size() == 1);
}

TEST_CASE("a trail verifies at every moment while it is written") {
  const DataDirectory data;
  const auto storage = data.Open();
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (!done) (void)storage->audit()->Append(Record("busy"), AuditDurability::kBefore);
  });
  int bad = 0;
  for (int i = 0; i < 50; ++i)
    bad += storage->trail()->Verify().state == AuditVerdict::State::kIntact ? 0 : 1;
  done = true;
  writer.join();
  CHECK(bad == 0);
}

}  // namespace
}  // namespace mcpgate::testing
