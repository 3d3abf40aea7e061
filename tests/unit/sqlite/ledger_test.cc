// Budgets in the data directory: the contract, and what a restart or a second process finds.
#include <doctest/doctest.h>

#include "contract/ledger_contract.h"
#include "fixture.h"

namespace mcpgate::testing {
namespace {

using std::chrono::minutes;

struct Kept {
  std::shared_ptr<DataDirectory> directory;
  std::shared_ptr<SqliteStorage> storage;
  std::shared_ptr<Ledger> ledger;
};

TEST_CASE("the SQLite ledger keeps the contract of Ledger") {
  LedgerContract(
      [](LedgerOptions options) {
        const auto directory = std::make_shared<DataDirectory>();
        SqliteOptions opening = directory->Options();
        opening.clock = options.clock;
        const std::shared_ptr<SqliteStorage> storage = DataDirectory::Open(opening);
        auto ledger = storage->ledger(std::move(options));
        REQUIRE_MESSAGE(ledger.ok(), ledger.status().ToString());
        const auto kept = std::make_shared<Kept>(Kept{directory, storage, *std::move(ledger)});
        return std::shared_ptr<Ledger>(kept, kept->ledger.get());
      },
      40);
}

LedgerOptions TwoCalls() { return {.rules = {{.name = "two", .limit = 2}}, .reservation_life = minutes(10)}; }

const Principal kWho{.key_id = "k-1", .family = "k", .tenant = "acme"};

TEST_CASE("what was spent and what is reserved is seen by another process, and after a restart") {
  DataDirectory directory;
  auto first = directory.Open();
  const auto spent = (*first->ledger(TwoCalls()))->Reserve(kWho, "tool", 1);
  REQUIRE((spent.ok() && spent->allowed));
  auto second = directory.Open();
  const auto other = *second->ledger(TwoCalls());
  const auto held = other->Reserve(kWho, "tool", 1);
  REQUIRE((held.ok() && held->allowed));
  other->Settle(held->reservation, 1);
  CHECK_FALSE(other->Reserve(kWho, "tool", 1)->allowed);
  first.reset();
  second.reset();
  const auto third = directory.Open();
  const auto standing = (*third->ledger(TwoCalls()))->Standing(kWho);
  REQUIRE(standing.ok());
  CHECK(standing->at(0).spent == 1);
  CHECK(standing->at(0).reserved == 1);  // nobody settled it
  directory.clock.Advance(minutes(10));
  CHECK((*third->ledger(TwoCalls()))->Standing(kWho)->at(0).reserved == 0);
}

TEST_CASE("a malformed budget is refused, and the file of budgets is made when it is first asked for") {
  DataDirectory directory;
  const auto storage = directory.Open();
  CHECK(absl::IsInvalidArgument(storage->ledger({.rules = {{.name = "none", .limit = 0}}}).status()));
  CHECK(::access(directory.File("budget.db").c_str(), F_OK) != 0);
  CHECK(storage->ledger(TwoCalls()).ok());
  CHECK(::access(directory.File("budget.db").c_str(), F_OK) == 0);
}

}  // namespace
}  // namespace mcpgate::testing
