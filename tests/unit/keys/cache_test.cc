// What the keyring remembers, and when it may use it.
#include <doctest/doctest.h>

#include <vector>

#include "keys/key_format.h"
#include "mcpgate/key_admin.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using Ring = testing::KeyringFixture;

TEST_CASE("a known key is not read again while the store stays as it is") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  for (int i = 0; i < 10; ++i) CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  CHECK(keys.store->finds == 1);
}

TEST_CASE("any change makes everything remembered void") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  keys.Issue();
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  CHECK(keys.store->finds == 2);
}

TEST_CASE("an odd revision uses nothing remembered and remembers nothing") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  keys.store->revision_offset = 1;
  for (int i = 0; i < 3; ++i) CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  CHECK(keys.store->finds == 4);
}

TEST_CASE("a row that changes while it is read is not remembered") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  keys.store->on_find = [&](testing::StoreDouble::Found old) {
    keys.store->on_find = nullptr;
    REQUIRE(keys.ring->admin().Revoke(TenantScope::Operator(), issued.record.id).ok());
    return old;
  };
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kNone);  // the row as it was when this call began
  CHECK(keys.RefusalOf(issued.token) == KeyRefusal::kRevoked);
}

TEST_CASE("a wrong secret goes the same way as an unknown id: to the store, every time") {
  Ring keys;
  const IssuedKey issued = keys.Issue();
  REQUIRE(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  const Secret wrong = MakeToken("mcpg", KeyKind::kKey, issued.record.id),
               unknown = MakeToken("mcpg", KeyKind::kKey, "0123456789AB");
  const auto finds = [&](const Secret& token) {
    const int before = keys.store->finds;
    for (int i = 0; i < 5; ++i) CHECK(keys.RefusalOf(token) != KeyRefusal::kNone);
    return keys.store->finds - before;
  };
  CHECK(finds(wrong) == 5);
  CHECK(finds(unknown) == 5);
}

TEST_CASE("a bounded or absent cache decides the same") {
  for (const std::size_t entries : {0, 1, 64, 1000}) {
    Ring keys(entries);
    std::vector<IssuedKey> issued;
    for (int i = 0; i < 300; ++i) issued.push_back(keys.Issue());
    int refused = 0;
    for (int round = 0; round < 2; ++round) {
      for (const IssuedKey& key : issued) refused += keys.RefusalOf(key.token) == KeyRefusal::kNone ? 0 : 1;
    }
    CHECK(refused == 0);
    if (entries == 0) CHECK(keys.store->finds == 600);
    if (entries == 1000) CHECK(keys.store->finds < 600);
  }
}

TEST_CASE("a principal outlives the keyring's memory of it") {
  std::shared_ptr<const Principal> principal;
  {
    Ring keys(1);
    const IssuedKey issued = keys.Issue();
    principal = keys.Verify(issued.token).principal;
    for (int i = 0; i < 200; ++i) keys.Verify(keys.Issue().token);
  }
  CHECK(principal->name == "laptop");
}

}  // namespace
}  // namespace mcpgate
