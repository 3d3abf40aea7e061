// What hosts tell, and how often.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/expiry_watch.h"
#include "common/notice_text.h"
#include "http/notice_metrics.h"
#include "support/fake_clock.h"

namespace mcpgate::hosts {
namespace {

using std::chrono::days, std::chrono::hours;
using testing::FakeClock;
using Texts = std::vector<std::string>;

const TenantScope kOperator = TenantScope::Operator();

struct Keys {
  FakeClock clock;
  std::unique_ptr<Keyring> ring = *Keyring::New(
      {.store = NewMemoryKeyStore(), .root_key = Secret(std::string(32, 'k')), .clock = &clock});
  KeyAdmin& admin = ring->admin();
  std::vector<Notice> told;

  std::string Issue(const std::string& name, std::optional<Nanos> lifetime) {
    const auto issued = admin.Issue(kOperator, {.name = name, .lifetime = lifetime});
    REQUIRE(issued.ok());
    return issued->record.id;
  }
  // The kinds and keys of what is told now.
  Texts Tell() {
    told.clear();
    const absl::Status status = TellExpiring(admin, clock.Now(), [this](const Notice& notice) {
      told.push_back(notice);
      return ValidateNotice(notice);
    });
    REQUIRE_MESSAGE(status.ok(), status.ToString());
    Texts texts;
    for (const Notice& notice : told) texts.push_back(notice.kind + " " + notice.fields.at(0).second);
    return texts;
  }
};

TEST_CASE_FIXTURE(Keys, "a key is told of in its last week, unless it was made for a day") {
  const std::string month = Issue("month", days(30));
  Issue("forever", std::nullopt);
  CHECK(Tell().empty());
  clock.Advance(days(23) + hours(1));
  Issue("brief", hours(12));
  CHECK(Tell() == Texts{"key.expiring " + month});
  clock.Advance(days(7));
  CHECK(Tell().empty());  // it is over
}

TEST_CASE_FIXTURE(Keys, "sessions are not told of, and a rotated key once") {
  const std::string id = Issue("month", days(30));
  clock.Advance(days(25));
  REQUIRE(admin.MintSession(kOperator, {.parent = id, .name = "s", .lifetime = days(2)}).ok());
  const auto rotated = admin.Rotate(kOperator, id, days(1));
  REQUIRE(rotated.ok());
  CHECK(Tell() == Texts{"key.expiring " + rotated->record.id});
  const std::string once = told.at(0).once;
  clock.Advance(days(2));  // the old secret is gone
  Tell();
  CHECK(told.at(0).once == once);
}

TEST_CASE_FIXTURE(Keys, "a name of any length makes a notice that an outbox takes") {
  std::string longest;
  for (int i = 0; i < 100; ++i) longest += "\xf0\x9f\x97\x9d";
  Issue(longest, days(3));
  CHECK(Tell().size() == 1);
}

TEST_CASE_FIXTURE(Keys, "of more than a hundred the number is told") {
  for (int i = 0; i < 103; ++i) Issue("k", days(3));
  CHECK(Tell().size() == 101);
  CHECK(told.back().kind == "keys.expiring");
  CHECK(told.back().summary.starts_with("3 more keys end within a week"));
}

TEST_CASE("a limit that counts tools apart is told once a day for its key, another for whom it counts") {
  const FakeClock clock;
  const LimitPolicy by_tool{.name = "per-tool", .scope = LimitScope::kKeyAndTool};
  const LimitPolicy by_tenant{.name = "ours", .scope = LimitScope::kTenant};
  const auto once = [&](const LimitPolicy& policy, std::string_view partition, WallTime now) {
    const Notice notice = NoticeOf(
        LimitEvent{
            .policy = &policy, .partition = partition, .key_id = "k1", .tenant = "acme", .action = "post"},
        now);
    CHECK(ValidateNotice(notice).ok());
    CHECK(notice.tenant == "acme");
    return notice.once;
  };
  const WallTime now = clock.Now();
  CHECK(once(by_tool, "k1 read", now) == once(by_tool, "k1 post", now + hours(2)));
  CHECK(once(by_tool, "k1 read", now) != once(by_tool, "k1 read", now + days(1)));
  CHECK(once(by_tenant, "acme", now) != once(by_tenant, "other", now));
}

TEST_CASE("of many keys that were replaced the first are named") {
  const std::vector<std::string> families(40, "7Qx0aZ3LmP9t");
  const Notice notice = NoticeOf(
      ReplacedKeys{.tenant = "acme", .principal = "ada", .by = "0aZ3LmP9t7Qx", .families = families});
  CHECK(ValidateNotice(notice).ok());
  CHECK(notice.summary.ends_with(" and 24 more"));
}

TEST_CASE("each share of each period of a budget is told once") {
  const BudgetRule rule{.name = "ours", .scope = BudgetScope::kTenant, .limit = 10};
  BudgetAlert alert{.rule = &rule, .account = "acme", .percent = 80, .spent = 8};
  const Notice first = NoticeOf(alert);
  CHECK(ValidateNotice(first).ok());
  CHECK(first.tenant == "acme");
  CHECK(NoticeOf(alert).once == first.once);
  alert.percent = 100;
  CHECK(NoticeOf(alert).once != first.once);
}

TEST_CASE("metrics tell what became of notices at each place") {
  std::string text;
  AppendNoticeMetrics(text, {{.place = "mail", .delivered = 3, .given_up = 1, .failed = 7, .waiting = 2}});
  for (const char* line :
       {"mcpgate_notices_delivered_total{place=\"mail\"} 3\n",
        "mcpgate_notices_given_up_total{place=\"mail\"} 1\n",
        "mcpgate_notice_failures_total{place=\"mail\"} 7\n", "mcpgate_notices_waiting{place=\"mail\"} 2\n"}) {
    CHECK(text.find(line) != std::string::npos);
  }
}

}  // namespace
}  // namespace mcpgate::hosts
