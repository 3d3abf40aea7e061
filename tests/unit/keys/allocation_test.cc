// The way of a known key allocates nothing.
#include <doctest/doctest.h>

#include "mcpgate/key_admin.h"
#include "support/count_allocations.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

TEST_CASE("verifying a known key allocates nothing") {
  testing::KeyringFixture keys;
  const IssuedKey issued = keys.Issue();
  REQUIRE(keys.RefusalOf(issued.token) == KeyRefusal::kNone);
  const long before = allocations;
  int accepted = 0;
  for (int i = 0; i < 100; ++i) {
    const auto verdict = keys.ring->Verify(issued.token);
    accepted += verdict.ok() && verdict->principal != nullptr ? 1 : 0;
  }
  const long after = allocations;
  CHECK(accepted == 100);
  CHECK(after == before);
}

}  // namespace
}  // namespace mcpgate
