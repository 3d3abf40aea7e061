// A keyring over a store double and a clock that stands still.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "keys/key_row.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"
#include "mcpgate/people.h"
#include "support/fake_clock.h"
#include "unit/keys/store_double.h"

namespace mcpgate::testing {

class KeyringFixture {
 public:
  explicit KeyringFixture(std::size_t cache_entries = 1024) : ring(Open(root, cache_entries)) {}

  std::unique_ptr<Keyring> Open(const Secret& root_key, std::size_t cache_entries) {
    auto opened =
        Keyring::New({.store = store, .root_key = root_key, .cache_entries = cache_entries, .clock = &clock});
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  IssuedKey Issue(KeyRequest request = {.name = "laptop"}) {
    auto issued = ring->admin().Issue(TenantScope::Operator(), request);
    REQUIRE(issued.ok());
    return std::move(*issued);
  }
  KeyVerdict Verify(const Secret& token) {
    auto verdict = ring->Verify(token);
    REQUIRE(verdict.ok());
    CHECK((verdict->principal == nullptr) == (verdict->refusal != KeyRefusal::kNone));
    return std::move(*verdict);
  }
  KeyRefusal RefusalOf(const Secret& token) { return Verify(token).refusal; }
  /// Writes the row as one who holds the root key would.
  void Rewrite(KeyRecord record) {
    ++record.version;
    record.mac = RowMac(DeriveSecret(root, "key-row"), record);
    REQUIRE(store->Update(record).ok());
  }

  FakeClock clock;
  const Secret root{std::string(32, 'r')};
  const std::shared_ptr<StoreDouble> store = std::make_shared<StoreDouble>();
  const std::unique_ptr<Keyring> ring;
};

}  // namespace mcpgate::testing
