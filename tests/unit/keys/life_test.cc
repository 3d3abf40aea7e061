// The life of a key: issued under a policy, changed, rotated, disabled, ended.
#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const TenantScope kOperator = TenantScope::Operator();

struct Life : testing::KeyringFixture {
  explicit Life(IssuePolicy policy = {}) : admin(ring->admin()) {
    REQUIRE(ring->people()
                .CreateHolder(kOperator, {.tenant = "default", .id = "ada", .issue_policy = policy})
                .ok());
  }
  IssuedKey KeyOfAda() { return Issue({.name = "k", .principal = "ada"}); }
  absl::Status AnotherKeyOfAda() {
    return admin.Issue(kOperator, {.name = "k", .principal = "ada"}).status();
  }
  KeyRecord RecordOf(const std::string& id) {
    const auto info = admin.Show(kOperator, id);
    REQUIRE(info.ok());
    return info->record;
  }
  std::int64_t Millis() const {
    return std::chrono::floor<std::chrono::milliseconds>(clock.Now()).time_since_epoch().count();
  }

  KeyAdmin& admin;
};

TEST_CASE("an issue policy limits live keys, and an ended one makes room") {
  Life life({.rule = IssuePolicy::Rule::kLimit, .limit = 2});
  const IssuedKey first = life.KeyOfAda();
  life.KeyOfAda();
  CHECK(absl::IsResourceExhausted(life.AnotherKeyOfAda()));
  REQUIRE(life.admin.Revoke(kOperator, first.record.id).ok());
  CHECK(life.AnotherKeyOfAda().ok());
}

TEST_CASE("the policy 'refuse' allows no second key") {
  Life life({.rule = IssuePolicy::Rule::kRefuse});
  life.KeyOfAda();
  CHECK(absl::IsResourceExhausted(life.AnotherKeyOfAda()));
}

TEST_CASE("the policy 'replace' revokes the old key, both secrets of it, and says so") {
  Life life({.rule = IssuePolicy::Rule::kReplace});
  const IssuedKey first = life.KeyOfAda();
  CHECK(first.replaced.empty());
  const auto rotated = life.admin.Rotate(kOperator, first.record.id, hours(1));
  REQUIRE(rotated.ok());
  const IssuedKey second = life.KeyOfAda();
  CHECK(second.replaced == std::vector<std::string>{first.record.family});
  CHECK(life.RefusalOf(first.token) == KeyRefusal::kRevoked);
  CHECK(life.RefusalOf(rotated->token) == KeyRefusal::kRevoked);
  CHECK(life.RefusalOf(second.token) == KeyRefusal::kNone);
}

TEST_CASE("whoever asked to is told of keys that were replaced, once they are") {
  Life life({.rule = IssuePolicy::Rule::kReplace});
  std::string told;
  const auto ring = Keyring::New({.store = life.store,
                                  .root_key = life.root,
                                  .on_replaced =
                                      [&](const ReplacedKeys& replaced) {
                                        told = std::string(replaced.tenant) + " " +
                                               std::string(replaced.principal) + " " +
                                               std::string(replaced.by) + " " + replaced.families.at(0);
                                      },
                                  .clock = &life.clock});
  REQUIRE(ring.ok());
  const auto first = (*ring)->admin().Issue(kOperator, {.name = "k", .principal = "ada"});
  CHECK(told.empty());
  const auto second = (*ring)->admin().Issue(kOperator, {.name = "k", .principal = "ada"});
  REQUIRE((first.ok() && second.ok()));
  CHECK(told == "default ada " + second->record.family + " " + first->record.family);
}

TEST_CASE("a disabled principal gets no key") {
  Life life;
  REQUIRE(life.ring->people().UpdateHolder(kOperator, "default", "ada", {.disabled = true}).ok());
  CHECK(absl::IsFailedPrecondition(life.AnotherKeyOfAda()));
}

TEST_CASE("an update changes what is set, of all live secrets of the family") {
  Life life;
  const IssuedKey key = life.Issue({.name = "old", .lifetime = hours(10)});
  const auto rotated = life.admin.Rotate(kOperator, key.record.id, hours(2));
  REQUIRE(rotated.ok());
  const auto updated = life.admin.Update(kOperator, rotated->record.id,
                                         {.name = "new",
                                          .grants = Grants{.role = Role::kWriter},
                                          .expires_at = life.Millis() + 5 * 3'600'000,
                                          .networks = std::vector<std::string>{"192.0.2.0/24"},
                                          .metadata = R"({ "b": 1, "a": 2 })"});
  REQUIRE(updated.ok());
  CHECK(updated->record.metadata == R"({"a":2,"b":1})");
  for (const Secret& token : {key.token, rotated->token}) {
    const auto verdict = life.ring->Verify(token, "192.0.2.1");
    REQUIRE(verdict->principal != nullptr);
    CHECK(verdict->principal->name == "new");
    CHECK(verdict->principal->grants.role == Role::kWriter);
    CHECK(life.ring->Verify(token, "198.51.100.1")->refusal == KeyRefusal::kNetwork);
  }
  life.clock.Advance(hours(5));
  CHECK(life.ring->Verify(rotated->token, "192.0.2.1")->refusal == KeyRefusal::kExpired);
}

TEST_CASE("an expiry can become earlier, never later") {
  Life life;
  const IssuedKey key = life.Issue({.name = "k", .lifetime = hours(2)});
  const auto expire = [&](std::int64_t in_hours) {
    return life.admin.Update(kOperator, key.record.id, {.expires_at = life.Millis() + in_hours * 3'600'000})
        .status();
  };
  CHECK(absl::IsInvalidArgument(expire(3)));
  CHECK(expire(1).ok());
  CHECK(absl::IsInvalidArgument(expire(2)));
  CHECK(absl::IsInvalidArgument(expire(0)));
}

TEST_CASE("an update that names a version is refused once the key has another") {
  Life life;
  const IssuedKey key = life.Issue();
  CHECK(life.admin.Update(kOperator, key.record.id, {.name = "a", .if_version = 1}).ok());
  CHECK(
      absl::IsAborted(life.admin.Update(kOperator, key.record.id, {.name = "b", .if_version = 1}).status()));
  CHECK(life.RecordOf(key.record.id).name == "a");
}

TEST_CASE("a disabled key is refused until it is enabled") {
  Life life;
  const IssuedKey key = life.Issue();
  CHECK(life.admin.SetDisabled(kOperator, key.record.id, true)->state == KeyInfo::State::kDisabled);
  CHECK(life.RefusalOf(key.token) == KeyRefusal::kDisabled);
  CHECK(life.admin.SetDisabled(kOperator, key.record.id, false)->state == KeyInfo::State::kLive);
  CHECK(life.RefusalOf(key.token) == KeyRefusal::kNone);
  REQUIRE(life.admin.Revoke(kOperator, key.record.id).ok());
  CHECK(absl::IsFailedPrecondition(life.admin.SetDisabled(kOperator, key.record.id, false).status()));
}

TEST_CASE("after a rotation both secrets work, as one family, until the overlap ends") {
  Life life;
  const IssuedKey old = life.Issue();
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(1));
  REQUIRE(fresh.ok());
  CHECK(life.Verify(fresh->token).principal->family == old.record.family);
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kNone);
  life.clock.Advance(hours(1));
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kExpired);
  CHECK(life.RefusalOf(fresh->token) == KeyRefusal::kNone);
}

TEST_CASE("a rotation never extends a key") {
  Life life;
  const IssuedKey old = life.Issue({.name = "k", .lifetime = minutes(30)});
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(24));
  REQUIRE(fresh.ok());
  CHECK(fresh->record.expires_at == old.record.expires_at);
  life.clock.Advance(minutes(30));
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kExpired);
  CHECK(life.RefusalOf(fresh->token) == KeyRefusal::kExpired);
}

TEST_CASE("at most two secrets are live: a second rotation waits for the first") {
  Life life;
  const IssuedKey old = life.Issue();
  REQUIRE(life.admin.Rotate(kOperator, old.record.id, hours(1)).ok());
  CHECK(absl::IsFailedPrecondition(life.admin.Rotate(kOperator, old.record.id, hours(1)).status()));
  life.clock.Advance(hours(1));
  const KeyQuery family{.family = old.record.family};
  CHECK(life.admin.Rotate(kOperator, old.record.id, hours(1)).ok());
  int live = 0;
  const auto page = life.admin.List(kOperator, family);
  REQUIRE(page.ok());
  for (const KeyInfo& info : page->keys) live += info.state == KeyInfo::State::kLive ? 1 : 0;
  CHECK(live == 2);
}

TEST_CASE("finishing a rotation ends the old secret now") {
  Life life;
  const IssuedKey old = life.Issue();
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(1));
  const auto finished = life.admin.FinishRotation(kOperator, fresh->record.id);
  REQUIRE(finished.ok());
  CHECK(finished->record.id == old.record.id);
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kRevoked);
  CHECK(life.RefusalOf(fresh->token) == KeyRefusal::kNone);
  CHECK(absl::IsFailedPrecondition(life.admin.FinishRotation(kOperator, fresh->record.id).status()));
}

TEST_CASE("undoing a rotation gives the old secret its own end back") {
  Life life;
  const IssuedKey old = life.Issue({.name = "k", .lifetime = hours(10)});
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(1));
  REQUIRE(life.admin.UndoRotation(kOperator, old.record.id).ok());
  CHECK(life.RefusalOf(fresh->token) == KeyRefusal::kRevoked);
  life.clock.Advance(hours(9));
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kNone);
  life.clock.Advance(hours(1));
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kExpired);
}

TEST_CASE("uses of each secret are counted apart, also when the store changes in between") {
  Life life;
  const IssuedKey old = life.Issue();
  for (int i = 0; i < 3; ++i) life.Verify(old.token);
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(1));
  for (int i = 0; i < 2; ++i) life.Verify(old.token);
  for (int i = 0; i < 4; ++i) life.Verify(fresh->token);
  REQUIRE(life.ring->FlushUses().ok());
  REQUIRE(life.ring->FlushUses().ok());  // writes nothing twice
  const std::vector<std::string> ids = {old.record.id, fresh->record.id};
  const auto uses = life.admin.Uses(kOperator, ids);
  REQUIRE(uses.ok());
  CHECK((*uses)[0].uses == 5);
  CHECK((*uses)[1].uses == 4);
  CHECK((*uses)[0].last_used_at == life.Millis() / 60'000 * 60'000);
}

TEST_CASE("a refused key is not used") {
  Life life;
  const IssuedKey key = life.Issue();
  REQUIRE(life.admin.Revoke(kOperator, key.record.id).ok());
  life.Verify(key.token);
  REQUIRE(life.ring->FlushUses().ok());
  CHECK(life.admin.Uses(kOperator, std::vector<std::string>{key.record.id})->front().uses == 0);
}

TEST_CASE("revoking a family ends both secrets") {
  Life life;
  const IssuedKey old = life.Issue();
  const auto fresh = life.admin.Rotate(kOperator, old.record.id, hours(1));
  CHECK(life.admin.RevokeFamily(kOperator, old.record.id)->state == KeyInfo::State::kRevoked);
  CHECK(life.RefusalOf(old.token) == KeyRefusal::kRevoked);
  CHECK(life.RefusalOf(fresh->token) == KeyRefusal::kRevoked);
}

TEST_CASE("a filter revokes what it means and nothing else; a dry run nothing") {
  Life life;
  const IssuedKey ci = life.Issue({.name = "ci-1"}), web = life.Issue({.name = "web"}),
                  adas = life.Issue({.name = "ci-2", .principal = "ada"});
  life.Verify(ci.token);
  REQUIRE(life.ring->FlushUses().ok());
  life.clock.Advance(hours(2));
  const IssuedKey late = life.Issue({.name = "ci-3"});
  life.Verify(web.token);
  REQUIRE(life.ring->FlushUses().ok());
  const auto meant = [&](const KeyFilter& filter) {
    std::set<std::string> ids;
    const auto mass = life.admin.RevokeAll(kOperator, filter, true);
    REQUIRE(mass.ok());
    CHECK(mass->is_complete);
    for (const KeyInfo& info : mass->keys) ids.insert(info.record.id);
    return ids;
  };
  using Ids = std::set<std::string>;
  CHECK(meant({.name = "ci-*"}) == Ids{ci.record.id, adas.record.id, late.record.id});
  CHECK(meant({.tenant = "default", .principal = "ada"}) == Ids{adas.record.id});
  CHECK(meant({.name = "ci-*", .created_before = late.record.created_at}) ==
        Ids{ci.record.id, adas.record.id});
  CHECK(meant({.unused_since = life.Millis() - 3'600'000}) == Ids{ci.record.id, adas.record.id});
  CHECK(meant({.tenant = "other"}).empty());
  const auto is_first = [](const KeyRecord& key) { return key.name == "ci-1"; };
  CHECK(meant({.name = "ci-*", .spare = is_first}) == Ids{adas.record.id, late.record.id});
  CHECK(absl::IsInvalidArgument(life.admin.RevokeAll(kOperator, {.spare = is_first}, true).status()));
  CHECK(life.RefusalOf(ci.token) == KeyRefusal::kNone);  // all of that was dry
  CHECK(absl::IsInvalidArgument(life.admin.RevokeAll(kOperator, {}, true).status()));

  const auto mass = life.admin.RevokeAll(kOperator, {.name = "ci-*"}, false);
  REQUIRE(mass.ok());
  CHECK(mass->keys.size() == 3);
  for (const Secret& token : {ci.token, adas.token, late.token})
    CHECK(life.RefusalOf(token) == KeyRefusal::kRevoked);
  CHECK(life.RefusalOf(web.token) == KeyRefusal::kNone);
}

TEST_CASE("keys that end soon are listed") {
  Life life;
  const IssuedKey soon = life.Issue({.name = "soon", .lifetime = hours(20)});
  life.Issue({.name = "later", .lifetime = hours(60)});
  life.Issue({.name = "never"});
  const auto page = life.admin.Expiring(kOperator, {}, hours(24));
  REQUIRE(page.ok());
  REQUIRE(page->keys.size() == 1);
  CHECK(page->keys.front().record.id == soon.record.id);
}

}  // namespace
}  // namespace mcpgate
