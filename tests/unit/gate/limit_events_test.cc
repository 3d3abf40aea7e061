// Overrides, shadows, and what a gate says of its limits.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "gate/limits.h"
#include "mcpgate/gate.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/ledger.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Action kRead = {.name = "read_notes", .role = Role::kReader, .effect = false};
constexpr Action kWrite = {.name = "write_note", .role = Role::kReader, .effect = true};

LimitPolicy TenAMinute() { return {.name = "calls", .limit = 10, .window = minutes(1)}; }

struct Watched {
  explicit Watched(std::vector<LimitPolicy> limits, std::shared_ptr<Budget> budget = nullptr) {
    keyring = *Keyring::New(
        {.store = NewMemoryKeyStore(), .root_key = Secret(std::string(32, 'r')), .clock = &clock});
    gate = *Gate::New({.keyring = keyring,
                       .audit = NewMemoryAuditSink(),
                       .limiter = NewLocalRateLimiter({.clock = &clock}),
                       .limits = std::move(limits),
                       .budget = std::move(budget),
                       .on_limit = [this](const LimitEvent& event) { Note(event); },
                       .clock = &clock});
    key.api_key = keyring->admin().Issue(TenantScope::Operator(), {.name = "k"})->token;
  }
  void Note(const LimitEvent& event) {
    CHECK(event.partition == gate->Authenticate(key).value()->family);
    CHECK(event.key_id == gate->Authenticate(key).value()->key_id);
    if (event.kind == LimitEvent::Kind::kRefused) {
      refused += event.policy->name + "; ";
      return;
    }
    told += event.kind == LimitEvent::Kind::kNear ? "near " : "shadow ";
    told += event.policy->name + (event.first ? " first; " : "; ");
  }
  int Calls(const Action& action, int times) {
    int admitted = 0;
    for (int i = 0; i < times; ++i) admitted += gate->Admit(key, action).ok() ? 1 : 0;
    return admitted;
  }

  testing::FakeClock clock;
  std::string told, refused;
  std::shared_ptr<Keyring> keyring;
  std::unique_ptr<Gate> gate;
  Credentials key;
};

TEST_CASE("four fifths of a limit are told once a window") {
  Watched door({TenAMinute()});
  CHECK(door.Calls(kRead, 7) == 7);
  CHECK(door.told.empty());
  CHECK(door.Calls(kRead, 1) == 1);
  CHECK(door.told == "near calls first; ");
  CHECK(door.Calls(kRead, 9) == 2);
  CHECK(door.told == "near calls first; ");
  door.clock.Advance(minutes(2));
  door.told.clear();
  CHECK(door.Calls(kRead, 8) == 8);
  CHECK(door.told == "near calls first; ");
}

TEST_CASE("each refusal is told with the limit that made it") {
  LimitPolicy strict{.name = "strict", .limit = 1, .window = seconds(1)};
  Watched door({TenAMinute(), strict});
  CHECK(door.Calls(kRead, 3) == 1);
  CHECK(door.refused == "strict; strict; ");
}

TEST_CASE("an admission knows the limit with the smallest share left, until it ends") {
  const LimitPolicy burst{
      .name = "burst", .algorithm = LimitAlgorithm::kGcra, .limit = 2, .window = seconds(1), .burst = 100};
  const LimitPolicy shadow{.name = "planned", .limit = 1, .window = minutes(1), .shadow = true};
  const LimitPolicy running{
      .name = "running", .algorithm = LimitAlgorithm::kConcurrency, .limit = 1, .window = minutes(1)};
  Watched door({burst, TenAMinute(), shadow, running});
  auto call = door.gate->Admit(door.key, kRead);
  REQUIRE(call.ok());
  REQUIRE(call->tightest_limit() != nullptr);
  CHECK(call->tightest_limit()->policy->name == "calls");
  CHECK(call->tightest_limit()->remaining == 9);
  call->Finish();
  Watched open({});
  CHECK(open.gate->Admit(open.key, kRead)->tightest_limit() == nullptr);
}

TEST_CASE("a limit in shadow mode refuses nothing, and tells each call it would have refused") {
  LimitPolicy shadow{.name = "planned", .limit = 2, .window = minutes(1), .shadow = true};
  Watched door({TenAMinute(), shadow});
  CHECK(door.Calls(kRead, 5) == 5);
  CHECK(door.told == "shadow planned first; shadow planned; shadow planned; ");
}

TEST_CASE("a shadow alone, of what runs at once, holds a call's unit until it ends") {
  LimitPolicy shadow{.name = "running",
                     .algorithm = LimitAlgorithm::kConcurrency,
                     .limit = 1,
                     .window = minutes(1),
                     .shadow = true};
  Watched door({shadow});
  CHECK(door.Calls(kRead, 3) == 3);  // one after the other
  CHECK(door.told.empty());
  const auto held = door.gate->Admit(door.key, kRead);
  CHECK(door.Calls(kRead, 1) == 1);
  CHECK(door.told == "shadow running first; ");
}

TEST_CASE("a call that a limit in force refuses is not counted by shadows") {
  LimitPolicy strict{.name = "strict", .limit = 1, .window = seconds(1)};
  LimitPolicy shadow{.name = "planned", .limit = 2, .window = minutes(1), .shadow = true};
  Watched door({strict, shadow});
  CHECK(door.Calls(kRead, 5) == 1);
  door.clock.Advance(seconds(1));
  CHECK(door.Calls(kRead, 1) == 1);
  CHECK(door.told.find("shadow") == std::string::npos);
}

TEST_CASE("an override gives other numbers to the calls that all its patterns match") {
  LimitPolicy limit = TenAMinute();
  limit.overrides = {{.tool = "write_*", .limit = 2, .window = minutes(1)},
                     {.tenant = "nobody's", .limit = 1, .window = minutes(1)}};
  Watched door({limit});
  CHECK(door.Calls(kWrite, 5) == 2);
  CHECK(door.Calls(kRead, 20) == 8);  // on the same counter
  const auto refused = RefusalOf(door.gate->Admit(door.key, kWrite).status());
  REQUIRE(refused.has_value());
  CHECK(refused->limit == 2);
}

TEST_CASE("keys of one person or one team share a counter where people or teams are counted") {
  LimitPolicy person{.name = "person", .scope = LimitScope::kPrincipal, .limit = 3, .window = minutes(1)};
  LimitPolicy team{.name = "team", .scope = LimitScope::kTeam, .limit = 5, .window = minutes(1)};
  const std::vector<LimitPolicy> limits = {person, team};
  const LimitBook book(limits);
  const auto partitions = [&](std::string family, std::string who, std::string team_id) {
    const Principal principal{.family = std::move(family),
                              .tenant = "acme",
                              .principal = std::move(who),
                              .team = std::move(team_id)};
    const ChargeSheet sheet(book, principal, "tool", "", 1);
    return std::string(sheet.charges()[0].partition) + " " + std::string(sheet.charges()[1].partition);
  };
  CHECK(partitions("k1", "ada", "red") == "acme/principal/ada acme/team/red");
  CHECK(partitions("k2", "ada", "red") == partitions("k1", "ada", "red"));
  CHECK(partitions("k3", "bob", "") == "acme/principal/bob acme/principal/bob");
  CHECK(partitions("k4", "", "") == "k4 k4");
}

TEST_CASE("a malformed override is refused by the name of its limit") {
  LimitPolicy limit = TenAMinute();
  limit.overrides = {{.tool = "write_*", .limit = 0, .window = minutes(1)}};
  const absl::Status status = ValidateLimitPolicy(limit);
  CHECK(absl::IsInvalidArgument(status));
  CHECK(status.message().find("an override of limit 'calls': limit must be 1") != std::string::npos);
  limit.overrides.assign(65, {.limit = 1, .window = minutes(1)});
  CHECK(absl::IsInvalidArgument(ValidateLimitPolicy(limit)));
}

TEST_CASE("a call that a budget refuses names whose it is, and has charged no limit") {
  testing::FakeClock clock;
  std::shared_ptr<Ledger> ledger = *NewMemoryLedger(
      {.rules = {{.name = "daily", .limit = 1, .period = BudgetPeriod::kDay}}, .clock = &clock});
  Watched door({{.name = "calls", .limit = 2, .window = minutes(1)}}, ledger);
  auto first = door.gate->Admit(door.key, kRead);
  REQUIRE(first.ok());
  first->Finish();
  for (int i = 0; i < 3; ++i) {
    const auto refused = RefusalOf(door.gate->Admit(door.key, kRead).status());
    REQUIRE(refused.has_value());
    CHECK(refused->code == Refusal::kBudgetExceeded);
    CHECK(refused->message.find("has used 1 of 1 calls of its budget 'daily'") != std::string::npos);
  }
}

}  // namespace
}  // namespace mcpgate
