#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "keys/key_format.h"
#include "mcpgate/key_admin.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Ring = testing::KeyringFixture;

TEST_CASE("an issued key verifies as the principal it was issued for") {
  Ring keys;
  const Grants grants{.role = Role::kWriter,
                      .allow_tools = {"reboot"},
                      .deny_tools = {"*_delete"},
                      .resources = {"discord:channel:7"}};
  const IssuedKey issued = keys.Issue({.name = "laptop", .tenant = "lab-1", .grants = grants});
  const KeyVerdict verdict = keys.Verify(issued.token);
  REQUIRE(verdict.principal != nullptr);
  CHECK(verdict.key_id == issued.record.id);
  CHECK(verdict.principal->key_id == issued.record.id);
  CHECK(verdict.principal->family == issued.record.id);
  CHECK(verdict.principal->tenant == "lab-1");
  CHECK(verdict.principal->name == "laptop");
  CHECK(verdict.principal->grants == grants);
}

TEST_CASE("a second keyring on the same store and root accepts the key at once") {
  Ring keys;
  const auto other = keys.Open(keys.root, 16);
  const IssuedKey issued = keys.Issue();
  const auto verdict = other->Verify(issued.token);
  REQUIRE(verdict.ok());
  CHECK(verdict->principal != nullptr);
}

TEST_CASE("the store holds nothing that the token could be made from") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  const KeyRecord record = **keys.store->rows->Find(issued.record.id);
  const std::string secret(RevealSecret(issued.token).substr(20, 33));
  const std::string hash(record.hash.begin(), record.hash.end());
  CHECK(hash.find(secret) == std::string::npos);
  CHECK(record.hash != KeyedHash(Secret(), "key-hash", RevealSecret(issued.token)));
  CHECK(record.hash != KeyedHash(keys.root, "key-hash", RevealSecret(issued.token)));
}

TEST_CASE("each kind of bad credential has its own reason for the trail") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  const std::string text(RevealSecret(issued.token));
  const auto check = [&](std::string_view token, KeyRefusal refusal, std::string_view id) {
    const KeyVerdict verdict = keys.Verify(Secret(token));
    CHECK(verdict.refusal == refusal);
    CHECK(verdict.key_id == id);
  };
  check("", KeyRefusal::kMissing, "");
  check("hunter2", KeyRefusal::kMalformed, "");
  check(text + "x", KeyRefusal::kMalformed, "");
  check(text.substr(0, 58) + (text[58] == '0' ? '1' : '0'), KeyRefusal::kMalformed, "");
  const Secret unknown = MakeToken("mcpg", KeyKind::kKey, "0123456789AB");
  check(RevealSecret(unknown), KeyRefusal::kUnknown, "0123456789AB");
  const Secret wrong = MakeToken("mcpg", KeyKind::kKey, issued.record.id);
  check(RevealSecret(wrong), KeyRefusal::kMismatch, issued.record.id);
  check(RevealSecret(MakeToken("other", KeyKind::kKey, issued.record.id)), KeyRefusal::kMalformed, "");
}

TEST_CASE("a wrong secret is a mismatch whatever the state of the key") {
  Ring keys;
  const IssuedKey issued = keys.Issue({.name = "short", .lifetime = hours(1)});
  const Secret wrong = MakeToken("mcpg", KeyKind::kKey, issued.record.id);
  keys.clock.Advance(hours(2));
  CHECK(keys.RefusalOf(wrong) == KeyRefusal::kMismatch);
  REQUIRE(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).ok());
  CHECK(keys.RefusalOf(wrong) == KeyRefusal::kMismatch);
}

TEST_CASE("a key expires at its last millisecond, cached or not") {
  Ring keys;
  const IssuedKey issued = keys.Issue({.name = "short", .lifetime = hours(1)});
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  keys.clock.Advance(hours(1) - Nanos(1));
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  keys.clock.Advance(Nanos(1));
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kExpired);
  CHECK((*keys.ring->admin().Show(TenantScope::Operator(), issued.record.id)).state ==
        KeyInfo::State::kExpired);
}

TEST_CASE("a key without lifetime never expires") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  keys.clock.Advance(hours(24 * 365 * 100));
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
}

TEST_CASE("a key that begins later is refused until then") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  KeyRecord record = issued.record;
  record.not_before = record.created_at + 1000;
  keys.Rewrite(record);
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNotYet);
  keys.clock.Advance(milliseconds(999));
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNotYet);
  keys.clock.Advance(milliseconds(1));
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
}

TEST_CASE("a revoked key is refused at once, here and in every keyring on the store") {
  Ring keys;
  const auto other = keys.Open(keys.root, 16);
  const IssuedKey issued = keys.Issue(), bystander = keys.Issue();
  REQUIRE(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  REQUIRE((*other->Verify(issued.token)).principal != nullptr);
  const auto info = keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id);
  REQUIRE(info.ok());
  CHECK(info->state == KeyInfo::State::kRevoked);
  CHECK(info->record.version == 2);
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kRevoked);
  CHECK((*other->Verify(issued.token)).refusal == KeyRefusal::kRevoked);
  CHECK(keys.RefusalOf(bystander.token) == KeyRefusal::kNone);
}

TEST_CASE("revoking twice is no error and keeps the first time") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  const auto first = keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id);
  keys.clock.Advance(hours(1));
  const auto second = keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id);
  REQUIRE((first.ok() && second.ok()));
  CHECK(second->record.revoked_at == first->record.revoked_at);
  CHECK(second->record.version == 2);
}

TEST_CASE("revoking goes on when somebody else changes the row at the same time") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  keys.store->before_change = [&] {
    keys.store->before_change = nullptr;
    KeyRecord record = **keys.store->rows->Find(issued.record.id);
    record.name += "!";
    keys.Rewrite(record);
    return absl::AbortedError("changed");
  };
  REQUIRE(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).ok());
  const auto info = keys.ring->admin().Show(TenantScope::Operator(), issued.record.id);
  REQUIRE(info.ok());
  CHECK(info->state == KeyInfo::State::kRevoked);
  CHECK(info->record.name == "laptop!");
}

TEST_CASE("there is no principal without an answer from the store") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  keys.store->on_find = [](const auto&) { return absl::UnavailableError("locked"); };
  CHECK(absl::IsUnavailable(keys.ring->Verify(issued.token).status()));
  CHECK(absl::IsUnavailable(keys.ring->admin().Show(TenantScope::Operator(), issued.record.id).status()));
  CHECK(absl::IsUnavailable(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).status()));
}

TEST_CASE("a failed insert issues no key") {
  Ring keys;
  keys.store->before_change = [] { return absl::UnavailableError("disk full"); };
  CHECK(absl::IsUnavailable(keys.ring->admin().Issue(TenantScope::Operator(), {.name = "laptop"}).status()));
}

TEST_CASE("an id that is taken is drawn again, not for ever") {
  Ring keys;
  int taken = 2;
  keys.store->before_change = [&] {
    return taken-- > 0 ? absl::AlreadyExistsError("taken") : absl::OkStatus();
  };
  const IssuedKey issued = keys.Issue();
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  keys.store->before_change = [] { return absl::AlreadyExistsError("taken"); };
  CHECK(
      absl::IsAlreadyExists(keys.ring->admin().Issue(TenantScope::Operator(), {.name = "laptop"}).status()));
}

TEST_CASE("an unknown id is NotFound, and a pasted key is not repeated") {
  Ring keys;
  const auto shown = keys.ring->admin().Show(TenantScope::Operator(), "0123456789AB");
  CHECK(absl::IsNotFound(shown.status()));
  CHECK(shown.status().ToString().find("0123456789AB") != std::string::npos);
  const IssuedKey issued = keys.Issue();
  const std::string secret(RevealSecret(issued.token).substr(20));
  for (const absl::Status& status :
       {keys.ring->admin().Show(TenantScope::Operator(), RevealSecret(issued.token)).status(),
        keys.ring->admin().Revoke(TenantScope::Operator(), RevealSecret(issued.token)).status()}) {
    CHECK(absl::IsNotFound(status));
    CHECK(status.ToString().find(secret) == std::string::npos);
  }
}

TEST_CASE("a list names every key with its state, in order, page by page") {
  Ring keys;
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(keys.Issue({.name = "key", .lifetime = hours(1 + i)}).record.id);
  REQUIRE(keys.ring->admin().Revoke(TenantScope::Operator(), *ids.begin()).ok());
  keys.clock.Advance(hours(1));
  std::vector<std::string> seen;
  std::multiset<std::string_view> states;
  KeyQuery query{.limit = 2};
  do {
    const auto page = keys.ring->admin().List(TenantScope::Operator(), query);
    REQUIRE(page.ok());
    for (const KeyInfo& info : page->keys) {
      seen.push_back(info.record.id);
      states.insert(KeyStateName(info.state));
    }
    query.after = page->next;
  } while (!query.after.empty());
  CHECK(seen == std::vector<std::string>(ids.begin(), ids.end()));
  CHECK(states.count("revoked") == 1);
  CHECK(states.count("revoked") + states.count("expired") + states.count("live") == 5);
}

TEST_CASE("a keyring needs a store, a clock, 32 bytes of root and a brand") {
  const std::shared_ptr<KeyStore> store = NewMemoryKeyStore();
  const Secret root(std::string(32, 'r'));
  const auto message = [](KeyringOptions options) {
    const auto ring = Keyring::New(std::move(options));
    CHECK(absl::IsInvalidArgument(ring.status()));
    return ring.status().ToString();
  };
  CHECK(message({.root_key = root}).find("store") != std::string::npos);
  CHECK(message({.store = store}).find("root_key") != std::string::npos);
  CHECK(message({.store = store, .root_key = Secret("short")}).find("32") != std::string::npos);
  CHECK(message({.store = store, .root_key = root, .brand = "Acme"}).find("brand") != std::string::npos);
  CHECK(message({.store = store, .root_key = root, .clock = nullptr}).find("clock") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate
