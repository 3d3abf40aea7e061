// What every Ledger promises. Call it in a TEST_CASE of the implementation.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mcpgate/ledger.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

/// A fresh ledger. `options.clock` outlives it.
using LedgerFactory = std::function<std::shared_ptr<Ledger>(LedgerOptions options)>;

namespace ledger_contract {

using std::chrono::hours;
using std::chrono::minutes;

struct Books {
  Books(const LedgerFactory& make, std::vector<BudgetRule> rules) {
    ledger = make({.rules = std::move(rules),
                   .reservation_life = minutes(10),
                   .on_alert =
                       [this](const BudgetAlert& alert) {
                         told += alert.account + " " + std::to_string(alert.percent) + "; ";
                       },
                   .clock = &clock});
  }
  BudgetDecision Reserve(const Principal& who, std::int64_t cost = 1) const {
    const auto decision = ledger->Reserve(who, "tool", cost);
    REQUIRE(decision.ok());
    return *decision;
  }
  bool Spend(const Principal& who, std::int64_t cost = 1) const {
    const BudgetDecision decision = Reserve(who, cost);
    if (decision.allowed) ledger->Settle(decision.reservation, cost);
    return decision.allowed;
  }
  /// Spent and reserved on each account of `who`, in the order of the rules.
  std::vector<std::pair<std::int64_t, std::int64_t>> Standing(const Principal& who) const {
    const auto standings = ledger->Standing(who);
    REQUIRE(standings.ok());
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
    for (const BudgetStanding& one : *standings) pairs.emplace_back(one.spent, one.reserved);
    return pairs;
  }

  FakeClock clock;
  std::string told;
  std::shared_ptr<Ledger> ledger;
};

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

inline Principal Key(std::string family, std::string tenant = "acme") {
  return {.key_id = family + "-1", .family = std::move(family), .tenant = std::move(tenant)};
}
inline BudgetRule Calls(std::string name, BudgetScope scope, std::int64_t limit) {
  return {.name = std::move(name), .scope = scope, .limit = limit, .period = BudgetPeriod::kDay};
}

inline void ReservingAndSettling(const LedgerFactory& make) {
  Books books(make, {{.name = "money", .unit = BudgetUnit::kCost, .limit = 10}});
  const BudgetDecision held = books.Reserve(Key("k"), 7);
  REQUIRE(held.allowed);
  CHECK(books.Standing(Key("k")) == Pairs{{0, 7}});
  const BudgetDecision refused = books.Reserve(Key("k"), 4);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.reservation == 0);
  CHECK(refused.reason ==
        "key 'k' has used 0 of 10 cost of its budget 'money' for this month (7 more are reserved)");
  books.ledger->Settle(held.reservation, 2);
  books.ledger->Settle(held.reservation, 2);  // once and for all
  CHECK(books.Standing(Key("k")) == Pairs{{2, 0}});
  CHECK(books.Spend(Key("k"), 8));
  CHECK_FALSE(books.Reserve(Key("k"), 1).allowed);
  CHECK(books.Reserve(Key("other"), 10).allowed);
}

inline void NothingHappened(const LedgerFactory& make) {
  Books books(make, {Calls("daily", BudgetScope::kKey, 1)});
  for (int i = 0; i < 3; ++i) {
    const BudgetDecision held = books.Reserve(Key("k"), 5);
    REQUIRE(held.allowed);
    books.ledger->Settle(held.reservation, 0);
  }
  CHECK(books.Spend(Key("k"), 5));
  CHECK(books.Standing(Key("k")) == Pairs{{1, 0}});
  CHECK_FALSE(books.Reserve(Key("k")).allowed);
}

inline void AllAncestors(const LedgerFactory& make) {
  Books books(make, {Calls("of-key", BudgetScope::kKey, 5), Calls("of-tenant", BudgetScope::kTenant, 3)});
  CHECK(books.Spend(Key("a")));
  CHECK(books.Spend(Key("a")));
  CHECK(books.Spend(Key("b")));
  const BudgetDecision refused = books.Reserve(Key("b"));
  CHECK_FALSE(refused.allowed);
  CHECK(refused.reason == "tenant 'acme' has used 3 of 3 calls of its budget 'of-tenant' for this day");
  CHECK(books.Standing(Key("b")) == Pairs{{1, 0}, {3, 0}});
  CHECK(books.Spend(Key("b", "others")));
}

inline void People(const LedgerFactory& make) {
  Books books(make,
              {Calls("of-team", BudgetScope::kTeam, 2), Calls("of-person", BudgetScope::kPrincipal, 1)});
  Principal ada = Key("a"), bob = Key("b"), cyd = Key("c");
  ada.principal = "ada", bob.principal = "bob", cyd.principal = "ada";
  ada.team = bob.team = "red";
  CHECK(books.Spend(ada));
  CHECK(books.Reserve(ada).reason.starts_with("principal 'acme/ada' has used 1 of 1"));
  CHECK_FALSE(books.Spend(cyd));  // another key of the same person
  CHECK(books.Spend(bob));
  bob.principal = "eve";
  CHECK(books.Reserve(bob).reason.starts_with("team 'acme/red' has used 2 of 2"));
  bob.tenant = "others";
  CHECK(books.Spend(bob));
  CHECK(books.Reserve(Key("nobodys")).reservation == 0);
}

inline void Whom(const LedgerFactory& make) {
  BudgetRule rule = Calls("guests", BudgetScope::kTenant, 1);
  rule.who = "guest-*";
  Books books(make, {rule});
  CHECK(books.Reserve(Key("k", "acme")).reservation == 0);
  CHECK(books.Spend(Key("k", "guest-1")));
  CHECK_FALSE(books.Spend(Key("k", "guest-1")));
  CHECK(books.Spend(Key("k", "guest-2")));
  const auto page = books.ledger->Accounts({});
  REQUIRE(page.ok());
  REQUIRE(page->accounts.size() == 2);
  CHECK(page->accounts.front().account == "guest-1");
  CHECK(page->accounts.back().account == "guest-2");
}

// The accounts of a query, in pages of `limit`, as "rule:account" each.
inline std::vector<std::string> AccountsOf(Ledger& ledger, AccountQuery query, std::size_t limit) {
  std::vector<std::string> names;
  query.limit = limit;
  do {
    auto page = ledger.Accounts(query);
    REQUIRE(page.ok());
    CHECK(page->accounts.size() <= limit);
    for (const BudgetStanding& each : page->accounts) names.push_back(each.rule->name + ":" + each.account);
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return names;
}

inline void Pages(const LedgerFactory& make) {
  BudgetRule all = Calls("all", BudgetScope::kTenant, 9);
  all.period = BudgetPeriod::kTotal;
  Books books(make, {all, Calls("each", BudgetScope::kKey, 9), Calls("person", BudgetScope::kPrincipal, 9)});
  for (const char* tenant : {"bolt", "acme", "acme-2"}) {
    for (const char* key : {"2", "1"}) {
      Principal principal = Key(std::string(tenant) + key, tenant);
      principal.principal = "ada";
      CHECK(books.Spend(principal));
    }
  }
  CHECK(books.Reserve(Key("acme3", "acme")).allowed);  // reserved, and not spent yet
  using Names = std::vector<std::string>;
  Ledger& ledger = *books.ledger;
  for (const std::size_t limit : {1, 2, 5, 100}) {
    CAPTURE(limit);
    CHECK(AccountsOf(ledger, {.tenant = "acme"}, limit) ==
          Names{"all:acme", "each:acme1", "each:acme2", "each:acme3", "person:acme/ada"});
    CHECK(AccountsOf(ledger, {.tenant = "acme", .scope = BudgetScope::kKey}, limit) ==
          Names{"each:acme1", "each:acme2", "each:acme3"});
    CHECK(AccountsOf(ledger, {.scope = BudgetScope::kTenant}, limit) ==
          Names{"all:acme", "all:acme-2", "all:bolt"});
    CHECK(AccountsOf(ledger, {}, limit).size() == 13);
    CHECK(AccountsOf(ledger, {.tenant = "nobody"}, limit).empty());
  }
  CHECK(absl::IsInvalidArgument(ledger.Accounts({.after = "gone/acme"}).status()));
  CHECK(absl::IsInvalidArgument(ledger.Accounts({.after = "all"}).status()));
}

inline void Periods(const LedgerFactory& make) {
  Books books(make, {Calls("daily", BudgetScope::kKey, 1)});
  books.clock.Advance(hours(23) + minutes(59));
  CHECK(books.Spend(Key("k")));
  CHECK_FALSE(books.Spend(Key("k")));
  books.clock.Advance(minutes(1));
  CHECK(books.Standing(Key("k")) == Pairs{{0, 0}});
  CHECK(books.Spend(Key("k")));
  CHECK_FALSE(books.Spend(Key("k")));
}

inline void LostReservations(const LedgerFactory& make) {
  Books books(make, {Calls("daily", BudgetScope::kKey, 1)});
  const BudgetDecision lost = books.Reserve(Key("k"));
  REQUIRE(lost.allowed);
  books.clock.Advance(minutes(10) - Nanos(1));
  CHECK_FALSE(books.Reserve(Key("k")).allowed);
  books.clock.Advance(Nanos(1));
  CHECK(books.Standing(Key("k")) == Pairs{{0, 0}});
  books.ledger->Settle(lost.reservation, 1);  // it lived after all
  CHECK(books.Standing(Key("k")) == Pairs{{1, 0}});
  CHECK_FALSE(books.Reserve(Key("k")).allowed);
}

inline void Alerts(const LedgerFactory& make) {
  BudgetRule rule = Calls("daily", BudgetScope::kKey, 10);
  rule.alerts = {50, 80, 100};
  Books books(make, {rule});
  const auto spend = [&](int times) {
    for (int i = 0; i < times; ++i) REQUIRE(books.Spend(Key("k")));
    books.Standing(Key("k"));  // everything settled is booked
    return std::exchange(books.told, "");
  };
  CHECK(spend(4).empty());
  CHECK(spend(1) == "k 50; ");
  CHECK(spend(2).empty());
  CHECK(spend(3) == "k 80; k 100; ");
  books.clock.Advance(hours(24));
  CHECK(spend(5) == "k 50; ");
}

// What is promised at any moment is at most the limit, whoever asks at once.
inline void Crowd(const LedgerFactory& make, int calls) {
  constexpr std::int64_t kLimit = 500, kMostAtOnce = 7;
  Books books(make, {{.name = "money",
                      .scope = BudgetScope::kTenant,
                      .unit = BudgetUnit::kCost,
                      .limit = kLimit,
                      .alerts = {}},
                     {.name = "mine", .unit = BudgetUnit::kCost, .limit = kLimit / 5, .alerts = {}}});
  std::atomic<std::int64_t> promised{0}, spent{0}, over{0}, failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 64; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<std::uint64_t>(t));
      const Principal who = Key("k" + std::to_string(t % 8));
      for (int i = 0; i < calls; ++i) {
        const auto cost = static_cast<std::int64_t>(1 + random() % kMostAtOnce);
        const auto decision = books.ledger->Reserve(who, "tool", cost);
        failed += decision.ok() ? 0 : 1;
        if (!decision.ok() || !decision->allowed) continue;
        over += promised.fetch_add(cost) + cost > kLimit ? 1 : 0;
        const auto real = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(cost + 1));
        promised -= cost - real;
        spent += real;
        books.ledger->Settle(decision->reservation, real);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(over == 0);
  CHECK(spent <= kLimit);
  CHECK(books.Standing(Key("k0"))[0] == std::pair(spent.load(), std::int64_t{0}));
  for (int k = 0; k < 8; ++k) CHECK(books.Standing(Key("k" + std::to_string(k)))[1].first <= kLimit / 5);
}

}  // namespace ledger_contract

/// `calls` of each of 64 threads that race for one budget.
inline void LedgerContract(const LedgerFactory& make, int calls) {
  using namespace ledger_contract;
  SUBCASE("a reservation counts until it is settled, then what was spent does") {
    ReservingAndSettling(make);
  }
  SUBCASE("a call that did nothing is booked as nothing") { NothingHappened(make); }
  SUBCASE("all budgets must pass, or none is charged, and the refusal names the one that did not") {
    AllAncestors(make);
  }
  SUBCASE("people and teams have budgets within their tenant, whatever their keys are") { People(make); }
  SUBCASE("a budget rules whom its pattern names, each by itself") { Whom(make); }
  SUBCASE("accounts come in pages, of one tenant or of one kind") { Pages(make); }
  SUBCASE("a new period starts at nothing") { Periods(make); }
  SUBCASE("a reservation that nobody settles is given back, and one settled later is booked") {
    LostReservations(make);
  }
  SUBCASE("an alert is given once a threshold and period") { Alerts(make); }
  SUBCASE("64 threads never get more than there is") { Crowd(make, calls); }
}

}  // namespace mcpgate::testing
