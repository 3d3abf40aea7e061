// The trail in pages.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "fixture.h"
#include "support/tenant.h"

namespace mcpgate::testing {
namespace {

using Numbers = std::vector<std::uint64_t>;

Numbers SeqsOf(const AuditPage& page) {
  Numbers seqs;
  for (const StoredAudit& record : page.records) seqs.push_back(record.seq);
  return seqs;
}

/// Twelve records of two tenants; the sixth is a refusal without one.
struct TwelveRecords {
  TwelveRecords() {
    for (int i = 1; i <= 12; ++i) {
      AuditRecord record = Record(i % 2 == 0 ? "keys.create" : "discord_send_message");
      record.klass = i % 2 == 0 ? AuditClass::kAdmin : AuditClass::kTool;
      record.time = clock_begin + std::chrono::seconds(i);
      record.call = "call-" + std::to_string(i);
      record.tenant = i == 6 ? "" : i <= 4 ? "blue" : "green";
      record.reason = i == 3 ? "said \"Ünmöglich\" to tenant\":\"blue" : "";
      record.fields = {{"channel", i == 9 ? "Lobby" : "attic"}, {"tenant", "blue"}, {"time", "2020"}};
      REQUIRE(storage->audit()->Append(record, AuditDurability::kQueued).ok());
    }
    REQUIRE(storage->audit()->Flush().ok());
  }
  AuditPage Page(const AuditQuery& query, const std::string& cursor = "",
                 const TenantScope& scope = TenantScope::Operator()) const {
    auto page = storage->trail()->Page(scope, query, cursor);
    REQUIRE_MESSAGE(page.ok(), page.status().ToString());
    return *std::move(page);
  }
  DataDirectory data;
  WallTime clock_begin = data.clock.Now();
  std::unique_ptr<SqliteStorage> storage = data.Open();
};

TEST_CASE_FIXTURE(TwelveRecords, "each filter picks by its own member") {
  const auto second = [this](int i) { return clock_begin + std::chrono::seconds(i); };
  const std::vector<std::pair<AuditQuery, Numbers>> cases = {
      {{.action = "discord_*"}, {1, 3, 5, 7, 9, 11}},
      {{.action = "*.create"}, {2, 4, 6, 8, 10, 12}},
      {{.klass = "admin"}, {2, 4, 6, 8, 10, 12}},
      {{.call = "call-1"}, {1}},
      {{.text = "ünmöglich"}, {}},  // letters beyond ASCII compare as they are
      {{.text = "NMÖGLICH"}, {}},
      {{.text = "nmöGLICH"}, {3}},
      {{.text = "said \""}, {3}},
      {{.text = "LOBBY"}, {9}},
      {{.text = "class"}, {}},  // a member's name is no text
      {{.from = second(10)}, {10, 11, 12}},
      {{.until = second(3)}, {1, 2}},
      {{.klass = "tool", .from = second(4), .until = second(8)}, {5, 7}},
  };
  for (const auto& [query, expected] : cases) {
    CAPTURE(query.action.value_or(query.text.value_or("-")));
    CHECK(SeqsOf(Page(query)) == expected);
  }
}

TEST_CASE_FIXTURE(TwelveRecords, "a tenant sees its own records and none without a tenant") {
  CHECK(SeqsOf(Page({}, "", ScopeOf("blue"))) == Numbers{1, 2, 3, 4});
  CHECK(SeqsOf(Page({}, "", ScopeOf("green"))) == Numbers{5, 7, 8, 9, 10, 11, 12});
  CHECK(SeqsOf(Page({}, "", ScopeOf(""))).empty());
  const auto read = storage->trail()->Read(ScopeOf("blue"), {});
  CHECK(read->size() == 4);
}

TEST_CASE_FIXTURE(TwelveRecords, "a query narrows the operator's view to a tenant, and widens nobody's") {
  CHECK(SeqsOf(Page({.tenant = "blue"})) == Numbers{1, 2, 3, 4});
  CHECK(SeqsOf(Page({.tenant = "blue"}, "", ScopeOf("green"))).empty());
}

TEST_CASE_FIXTURE(TwelveRecords, "cursors lead through all pages and back, in both orders") {
  for (const bool newest : {false, true}) {
    for (std::size_t limit = 1; limit <= 13; ++limit) {
      const AuditQuery query{.limit = limit, .newest = newest, .klass = "admin"};
      Numbers all = {2, 4, 6, 8, 10, 12}, forth, back;
      if (newest) std::reverse(all.begin(), all.end());
      AuditPage page = Page(query);
      for (;; page = Page(query, page.next)) {
        for (const std::uint64_t seq : SeqsOf(page)) forth.push_back(seq);
        if (page.next.empty()) break;
      }
      for (std::string cursor = page.previous; !cursor.empty(); cursor = page.previous) {
        const Numbers seqs = SeqsOf(page);
        back.insert(back.begin(), seqs.begin(), seqs.end());
        page = Page(query, cursor);
        if (page.records.empty() && newest) break;  // before the newest is what will be written
      }
      if (!page.records.empty()) {
        const Numbers seqs = SeqsOf(page);
        back.insert(back.begin(), seqs.begin(), seqs.end());
      }
      CHECK(forth == all);
      CHECK(back == all);
    }
  }
}

TEST_CASE_FIXTURE(TwelveRecords, "before the newest page is what was written since") {
  const AuditQuery query{.limit = 5, .newest = true};
  const AuditPage first = Page(query);
  CHECK(SeqsOf(first) == Numbers{12, 11, 10, 9, 8});
  CHECK(Page(query, first.previous).records.empty());
  REQUIRE(storage->audit()->Append(Record("new"), AuditDurability::kBefore).ok());
  const AuditPage later = Page(query, first.previous);
  CHECK(SeqsOf(later) == Numbers{13});
  CHECK(SeqsOf(Page(query, later.next)) == Numbers{12, 11, 10, 9, 8});
}

TEST_CASE_FIXTURE(TwelveRecords, "a cursor opens nothing but the query it came from") {
  const AuditQuery query{.limit = 2};
  const std::string cursor = Page(query, "", ScopeOf("green")).next;
  const auto ask = [&](const TenantScope& scope, const AuditQuery& other, std::string_view text) {
    return storage->trail()->Page(scope, other, text).status();
  };
  CHECK(ask(ScopeOf("green"), query, cursor).ok());
  CHECK(absl::IsInvalidArgument(ask(ScopeOf("blue"), query, cursor)));
  CHECK(absl::IsInvalidArgument(ask(TenantScope::Operator(), query, cursor)));
  CHECK(absl::IsInvalidArgument(ask(ScopeOf("green"), {.limit = 2, .newest = true}, cursor)));
  CHECK(absl::IsInvalidArgument(ask(ScopeOf("green"), {.limit = 2, .klass = "tool"}, cursor)));
  CHECK(absl::IsInvalidArgument(ask(ScopeOf("green"), query, cursor.substr(1))));
  CHECK(absl::IsInvalidArgument(ask(ScopeOf("green"), query, "1")));
  CHECK(cursor != Page(query, "", ScopeOf("green")).next);  // nothing to count by
}

TEST_CASE_FIXTURE(TwelveRecords, "a page has a bound") {
  CHECK(absl::IsInvalidArgument(
      storage->trail()->Page(TenantScope::Operator(), {.limit = kMaxAuditPage + 1}, "").status()));
  CHECK(absl::IsInvalidArgument(storage->trail()->Page(TenantScope::Operator(), {.limit = 0}, "").status()));
}

TEST_CASE("a page that would look at too many records ends early and says where to go on") {
  const DataDirectory data;
  const auto storage = data.Open();
  constexpr int kMany = 60'000;
  for (int i = 0; i < kMany; ++i) {
    AuditRecord record = Record("common");
    if (i == 5) record.action = "rare";
    absl::Status queued = storage->audit()->Append(record, AuditDurability::kQueued);
    if (!queued.ok()) REQUIRE(storage->audit()->Flush().ok());
  }
  REQUIRE(storage->audit()->Flush().ok());
  const AuditQuery query{.newest = true, .action = "rare"};
  const auto first = storage->trail()->Page(TenantScope::Operator(), query, "");
  REQUIRE(first.ok());
  CHECK(first->records.empty());
  REQUIRE_FALSE(first->next.empty());
  const auto second = storage->trail()->Page(TenantScope::Operator(), query, first->next);
  REQUIRE(second.ok());
  REQUIRE(second->records.size() == 1);
  CHECK(second->records.front().seq == 6);
  CHECK(second->next.empty());
}

}  // namespace
}  // namespace mcpgate::testing
