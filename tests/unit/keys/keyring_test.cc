#include <doctest/doctest.h>

#include <string>

#include "mcpgate/key_store.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

TEST_CASE("an issued key verifies as the principal it was issued for") {
  auto ring = Keyring::New({.store = NewMemoryKeyStore(), .root_key = Secret(std::string(32, 'r'))});
  REQUIRE(ring.ok());
  const auto issued = (*ring)->Issue({.name = "laptop", .grants = {.role = Role::kWriter}});
  REQUIRE(issued.ok());
  const auto verdict = (*ring)->Verify(issued->token);
  REQUIRE(verdict.ok());
  REQUIRE(verdict->principal != nullptr);
  CHECK(verdict->principal->name == "laptop");
  CHECK(verdict->principal->grants.role == Role::kWriter);
}

}  // namespace
}  // namespace mcpgate
