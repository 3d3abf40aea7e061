// Keys that were not made here: taken over from older stores, or given by the environment.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/crypto.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using Ring = testing::KeyringFixture;

const TenantScope kOperator = TenantScope::Operator();
const std::string kOldKey = "midl_0123456789abcdef0123456789abcdef";
// printf %s midl_0123456789abcdef0123456789abcdef | sha256sum
const std::string kOldHash = "65b629f4b138dd8905deaafa925a9c809d8329bc1ccbb5930a2554506f4fb191";

TEST_CASE("a key of an older store works on, taken over by its text or by its SHA-256") {
  for (const bool by_hash : {false, true}) {
    Ring keys;
    CHECK(keys.RefusalOf(Secret(kOldKey)) == KeyRefusal::kMalformed);
    ImportedKey imported{.request = {.name = "old", .grants = {.role = Role::kWriter}, .lifetime = hours(1)}};
    by_hash ? void(imported.sha256_hex = kOldHash) : void(imported.token = Secret(kOldKey));
    const auto info = keys.ring->admin().Import(kOperator, imported);
    REQUIRE(info.ok());
    for (int round = 0; round < 2; ++round) {  // from the store, then from memory
      const KeyVerdict verdict = keys.Verify(Secret(kOldKey));
      REQUIRE(verdict.principal != nullptr);
      CHECK(verdict.principal->key_id == info->record.id);
      CHECK(verdict.principal->grants.role == Role::kWriter);
    }
    CHECK(keys.RefusalOf(Secret(kOldKey + "0")) == KeyRefusal::kMalformed);
    CHECK(absl::IsAlreadyExists(keys.ring->admin().Import(kOperator, imported).status()));
    keys.clock.Advance(hours(1));
    CHECK(keys.RefusalOf(Secret(kOldKey)) == KeyRefusal::kExpired);
  }
}

TEST_CASE("a stored hash of an imported key is not the hash it came as") {
  Ring keys;
  const auto info =
      keys.ring->admin().Import(kOperator, {.request = {.name = "old"}, .sha256_hex = kOldHash});
  REQUIRE(info.ok());
  CHECK(HexEncode(info->record.hash) != kOldHash);
  CHECK(info->record.imported_at != 0);
}

TEST_CASE("an imported key is revoked and rotated like every other; its new secret is one of ours") {
  Ring keys;
  KeyAdmin& admin = keys.ring->admin();
  const auto info = admin.Import(kOperator, {.request = {.name = "old"}, .token = Secret(kOldKey)});
  const auto fresh = admin.Rotate(kOperator, info->record.id, hours(1));
  REQUIRE(fresh.ok());
  CHECK(keys.Verify(fresh->token).principal->family == info->record.id);
  CHECK(keys.RefusalOf(Secret(kOldKey)) == KeyRefusal::kNone);
  REQUIRE(admin.Revoke(kOperator, info->record.id).ok());
  CHECK(keys.RefusalOf(Secret(kOldKey)) == KeyRefusal::kRevoked);
}

TEST_CASE("what cannot be taken over is named") {
  Ring keys;
  const auto refused = [&](ImportedKey key) {
    key.request.name = "old";
    return absl::IsInvalidArgument(keys.ring->admin().Import(kOperator, key).status());
  };
  CHECK(refused({}));
  CHECK(refused({.token = Secret(kOldKey), .sha256_hex = kOldHash}));
  CHECK(refused({.token = Secret("short")}));
  CHECK(refused({.token = Secret("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}));
  CHECK(refused({.token = Secret("with a blank in it, and long enough")}));
  CHECK(refused({.sha256_hex = kOldHash.substr(1)}));
  CHECK(refused({.sha256_hex = "g" + kOldHash.substr(1)}));
}

TEST_CASE("static keys are accepted, have the same id in every ring of the root key, and go when replaced") {
  Ring keys;
  const StaticKey one{.token = Secret("Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5"), .grants = {.role = Role::kWriter}};
  const StaticKey two{.token = Secret("cXV1eC1jb3JnZS1ncmF1bHQtMjM0")};
  const auto ids = keys.ring->UseStaticKeys({one, two});
  REQUIRE(ids.ok());
  CHECK(keys.Verify(one.token).principal->key_id == (*ids)[0]);
  CHECK(keys.Verify(one.token).principal->grants.role == Role::kWriter);
  CHECK(keys.RefusalOf(two.token) == KeyRefusal::kNone);
  const auto other = keys.Open(keys.root, 16);
  CHECK(*other->UseStaticKeys({two}) == std::vector<std::string>{(*ids)[1]});

  REQUIRE(keys.ring->UseStaticKeys({two}).ok());
  CHECK(keys.RefusalOf(one.token) == KeyRefusal::kMalformed);
  CHECK(keys.RefusalOf(two.token) == KeyRefusal::kNone);
  REQUIRE(keys.ring->FlushUses().ok());
  CHECK((*keys.ring->admin().Uses(kOperator, *ids))[0].uses == 2);
}

TEST_CASE("a weak or repeated static key is refused by its place, and the keys of before stay") {
  Ring keys;
  const StaticKey good{.token = Secret("Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5")};
  REQUIRE(keys.ring->UseStaticKeys({good}).ok());
  for (const char* weak :
       {"", "changeme", "sk-1234", "111111111111111111111111111111", "has a blank and is very long"}) {
    const auto status = keys.ring->UseStaticKeys({good, {.token = Secret(weak)}}).status();
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).starts_with("static key 2: "));
    CHECK((*weak == 0 || std::string(status.message()).find(weak) == std::string::npos));
  }
  CHECK(absl::IsInvalidArgument(keys.ring->UseStaticKeys({good, good}).status()));
  CHECK(keys.RefusalOf(good.token) == KeyRefusal::kNone);
}

struct Empty : Ring {
  Empty() : admin(ring->admin()) {
    auto made = admin.BeginBootstrap();
    REQUIRE(made.ok());
    token = *std::move(made);
  }
  absl::StatusOr<IssuedKey> Claim(const Secret& with, std::string_view from = "127.0.0.1") {
    return admin.Bootstrap(with, from, {.name = "first", .tenant = "acme", .principal = "root"});
  }
  KeyAdmin& admin;
  Secret token;
};

TEST_CASE("a bootstrap token makes the first administrator, once, and calls nothing") {
  Empty store;
  CHECK(RevealSecret(store.token).starts_with("mcpg_b_"));
  CHECK(store.RefusalOf(store.token) == KeyRefusal::kUnknown);
  CHECK(store.admin.List(kOperator, {})->keys.empty());
  const auto admin = store.Claim(store.token);
  REQUIRE_MESSAGE(admin.ok(), admin.status().ToString());
  const auto principal = store.Verify(admin->token).principal;
  REQUIRE(principal != nullptr);
  CHECK(principal->grants.role == Role::kAdmin);
  CHECK(principal->principal == "root");
  CHECK(principal->tenant == "acme");
  CHECK(store.ring->people().ShowTenant(kOperator, "acme").ok());
  CHECK(absl::IsPermissionDenied(store.Claim(store.token).status()));
  CHECK(absl::IsFailedPrecondition(store.admin.BeginBootstrap().status()));
}

TEST_CASE("a bootstrap token is good for 30 minutes, from this machine alone, and there is one") {
  Empty store;
  CHECK(absl::IsAlreadyExists(store.admin.BeginBootstrap().status()));
  CHECK(absl::IsPermissionDenied(store.Claim(store.token, "192.0.2.1").status()));
  CHECK(absl::IsPermissionDenied(store.Claim(store.token, "").status()));
  CHECK(absl::IsPermissionDenied(store.Claim(Secret("mcpg_b_x")).status()));
  store.clock.Advance(std::chrono::minutes(30));
  CHECK(absl::IsPermissionDenied(store.Claim(store.token).status()));
  const auto next = store.admin.BeginBootstrap();
  REQUIRE(next.ok());
  CHECK(absl::IsPermissionDenied(store.Claim(store.token, "::1").status()));
  CHECK(store.Claim(*next, "::1").ok());
}

TEST_CASE("a bootstrap token is good for nothing once somebody has made a key") {
  Empty store;
  store.Issue();
  CHECK(absl::IsPermissionDenied(store.Claim(store.token).status()));
}

TEST_CASE("a store with a key is not bootstrapped") {
  Ring keys;
  keys.Issue();
  CHECK(absl::IsFailedPrecondition(keys.ring->admin().BeginBootstrap().status()));
}

}  // namespace
}  // namespace mcpgate
