// Keys that ended long ago, forgotten.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "support/tenant.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

const TenantScope kOperator = TenantScope::Operator();
constexpr Nanos kDay = std::chrono::days(1);

struct Forgetter : testing::KeyringFixture {
  KeyAdmin& admin = ring->admin();

  std::int64_t Now() const {
    return std::chrono::floor<std::chrono::milliseconds>(clock.Now()).time_since_epoch().count();
  }
  // What ended a week ago, in one batch.
  KeyForgetting Week() const {
    return {.ended_by = Now() - std::chrono::milliseconds(std::chrono::days(7)).count()};
  }
  std::set<std::string> Forget(KeyForgetting forgetting) {
    std::set<std::string> ids;
    do {
      auto forgotten = admin.ForgetEnded(kOperator, forgetting);
      REQUIRE_MESSAGE(forgotten.ok(), forgotten.status().ToString());
      for (const KeyRecord& record : forgotten->keys) CHECK(ids.insert(record.id).second);
      forgetting.after = std::move(forgotten->next);
    } while (!forgetting.after.empty());
    return ids;
  }
  bool IsThere(const std::string& id) { return admin.Show(kOperator, id).ok(); }
  IssuedKey Mint(const std::string& parent, Nanos lifetime) {
    auto minted = admin.MintSession(kOperator, {.parent = parent, .name = "session", .lifetime = lifetime});
    REQUIRE_MESSAGE(minted.ok(), minted.status().ToString());
    return *std::move(minted);
  }
};

using Ids = std::set<std::string>;

TEST_CASE("keys that were revoked or expired longer ago are forgotten, and no others") {
  Forgetter store;
  const IssuedKey live = store.Issue(), revoked = store.Issue(), disabled = store.Issue();
  const IssuedKey expires = store.Issue({.name = "a", .lifetime = kDay});
  const IssuedKey later = store.Issue({.name = "b", .lifetime = 2 * kDay});
  REQUIRE(store.admin.Revoke(kOperator, revoked.record.id).ok());
  REQUIRE(store.admin.SetDisabled(kOperator, disabled.record.id, true).ok());
  CHECK(store.Forget(store.Week()).empty());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{revoked.record.id, expires.record.id});
  CHECK(store.RefusalOf(revoked.token) == KeyRefusal::kUnknown);
  CHECK(store.RefusalOf(expires.token) == KeyRefusal::kUnknown);
  CHECK(store.RefusalOf(later.token) == KeyRefusal::kExpired);
  CHECK(store.RefusalOf(disabled.token) == KeyRefusal::kDisabled);
  CHECK(store.RefusalOf(live.token) == KeyRefusal::kNone);
}

TEST_CASE("a batch has no more rows than it is allowed, and a dry run changes nothing") {
  Forgetter store;
  Ids all;
  for (int i = 0; i < 25; ++i) {
    const IssuedKey key = store.Issue();
    REQUIRE(store.admin.Revoke(kOperator, key.record.id).ok());
    all.insert(key.record.id);
  }
  store.clock.Advance(8 * kDay);
  KeyForgetting forgetting = store.Week();
  forgetting.most = 10;
  forgetting.dry_run = true;
  CHECK(store.Forget(forgetting) == all);
  forgetting.dry_run = false;
  std::vector<std::size_t> batches;
  forgetting.announce = [&](const std::vector<KeyRecord>& keys) {
    for (const KeyRecord& key : keys) CHECK(store.IsThere(key.id));  // announced before it is done
    batches.push_back(keys.size());
    return absl::OkStatus();
  };
  CHECK(store.Forget(forgetting) == all);
  CHECK(batches == std::vector<std::size_t>{10, 10, 5});
  CHECK(store.Forget(forgetting).empty());
}

TEST_CASE("nothing is forgotten that cannot be announced") {
  Forgetter store;
  const IssuedKey key = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, key.record.id).ok());
  store.clock.Advance(8 * kDay);
  KeyForgetting forgetting = store.Week();
  forgetting.announce = [](const auto&) { return absl::UnavailableError("no trail"); };
  CHECK(absl::IsUnavailable(store.admin.ForgetEnded(kOperator, forgetting).status()));
  CHECK(store.IsThere(key.record.id));
}

TEST_CASE("a rotation under way keeps both secrets, and the name of a family outlives its first secret") {
  Forgetter store;
  const IssuedKey first = store.Issue();
  const auto second = store.admin.Rotate(kOperator, first.record.id, 30 * kDay);
  REQUIRE(second.ok());
  store.clock.Advance(20 * kDay);
  CHECK(store.Forget(store.Week()).empty());
  REQUIRE(store.admin.UndoRotation(kOperator, first.record.id).ok());
  CHECK(store.RefusalOf(first.token) == KeyRefusal::kNone);
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{second->record.id});  // the secret that was taken back

  const auto third = store.admin.Rotate(kOperator, first.record.id, Nanos(0));
  REQUIRE(third.ok());
  const auto fourth = store.admin.Rotate(kOperator, first.record.id, Nanos(0));
  REQUIRE(fourth.ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{third->record.id});
  REQUIRE(store.admin.RevokeFamily(kOperator, first.record.family).ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{first.record.id, fourth->record.id});
}

TEST_CASE("a key with sessions stays while it lives, and takes them along when it is forgotten") {
  Forgetter store;
  const IssuedKey parent = store.Issue();
  const IssuedKey brief = store.Mint(parent.record.id, kDay),
                  longer = store.Mint(parent.record.id, 60 * kDay);
  store.clock.Advance(9 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{brief.record.id});
  CHECK(store.RefusalOf(longer.token) == KeyRefusal::kNone);
  REQUIRE(store.admin.Revoke(kOperator, parent.record.id).ok());
  store.clock.Advance(8 * kDay);
  KeyForgetting forgetting = store.Week();
  std::vector<std::string> order;
  forgetting.announce = [&](const std::vector<KeyRecord>& keys) {
    for (const KeyRecord& key : keys) order.push_back(key.id);
    return absl::OkStatus();
  };
  CHECK(store.Forget(forgetting) == Ids{parent.record.id, longer.record.id});
  CHECK(order == std::vector<std::string>{longer.record.id, parent.record.id});
  CHECK(store.RefusalOf(longer.token) == KeyRefusal::kUnknown);
}

TEST_CASE("a session of an old secret lives on when that secret is forgotten") {
  Forgetter store;
  const IssuedKey first = store.Issue();
  const auto second = store.admin.Rotate(kOperator, first.record.id, Nanos(0));
  REQUIRE(second.ok());
  const IssuedKey session = store.Mint(second->record.id, 60 * kDay);
  const auto third = store.admin.Rotate(kOperator, first.record.id, Nanos(0));
  REQUIRE(third.ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{second->record.id});
  CHECK(store.RefusalOf(session.token) == KeyRefusal::kNone);
}

TEST_CASE("a forgotten key that was imported is not taken over again") {
  Forgetter store;
  const ImportedKey old{.request = {.name = "old"}, .token = Secret("midl_0123456789abcdef0123456789abcdef")};
  const auto imported = store.admin.Import(kOperator, old);
  REQUIRE(imported.ok());
  REQUIRE(store.admin.Revoke(kOperator, imported->record.id).ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{imported->record.id});
  CHECK(absl::IsAlreadyExists(store.admin.Import(kOperator, old).status()));
  CHECK(store.Verify(old.token).principal == nullptr);
}

TEST_CASE("a store whose keys are all forgotten is not a new one") {
  Forgetter store;
  const IssuedKey only = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, only.record.id).ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()) == Ids{only.record.id});
  CHECK(absl::IsFailedPrecondition(store.admin.BeginBootstrap().status()));
}

TEST_CASE("a bootstrap token that was good before keys were made and forgotten is good no more") {
  Forgetter store;
  const auto token = store.admin.BeginBootstrap();
  REQUIRE(token.ok());
  const IssuedKey only = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, only.record.id).ok());
  CHECK(store.Forget({.ended_by = store.Now()}) == Ids{only.record.id});
  CHECK(absl::IsPermissionDenied(store.admin.Bootstrap(*token, "127.0.0.1", {.name = "root"}).status()));
}

TEST_CASE("a row that was tampered with is kept for whoever looks into it") {
  Forgetter store;
  const IssuedKey key = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, key.record.id).ok());
  KeyRecord forged = **store.store->Find(key.record.id);
  forged.revoked_at = 1;
  ++forged.version;
  REQUIRE(store.store->Update(forged).ok());
  store.clock.Advance(8 * kDay);
  CHECK(store.Forget(store.Week()).empty());
  CHECK(store.RefusalOf(key.token) == KeyRefusal::kTampered);
}

TEST_CASE("a batch that somebody else changes meanwhile stays whole") {
  Forgetter store;
  const IssuedKey one = store.Issue(), two = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, one.record.id).ok());
  REQUIRE(store.admin.Revoke(kOperator, two.record.id).ok());
  store.clock.Advance(8 * kDay);
  KeyForgetting forgetting = store.Week();
  forgetting.announce = [&](const auto&) {
    store.Rewrite(**store.store->Find(two.record.id));
    return absl::OkStatus();
  };
  CHECK(store.Forget(forgetting).empty());
  CHECK(store.IsThere(one.record.id));
  CHECK(store.Forget(store.Week()) == Ids{one.record.id, two.record.id});
}

TEST_CASE("a tenant's scope forgets its own keys alone, and the future is refused") {
  Forgetter store;
  const IssuedKey theirs = store.Issue({.name = "x", .tenant = "other"});
  REQUIRE(store.admin.Revoke(kOperator, theirs.record.id).ok());
  const IssuedKey mine = store.Issue();
  REQUIRE(store.admin.Revoke(kOperator, mine.record.id).ok());
  store.clock.Advance(8 * kDay);
  const auto forgotten = store.admin.ForgetEnded(testing::ScopeOf("default"), store.Week());
  REQUIRE(forgotten.ok());
  REQUIRE(forgotten->keys.size() == 1);
  CHECK(forgotten->keys.front().id == mine.record.id);
  CHECK(absl::IsInvalidArgument(store.admin.ForgetEnded(kOperator, {.ended_by = store.Now() + 1}).status()));
}

}  // namespace
}  // namespace mcpgate
