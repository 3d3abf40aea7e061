#include <doctest/doctest.h>

#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate {
namespace {

TEST_CASE("states have the documented names") {
  using State = KeyInfo::State;
  CHECK(KeyStateName(State::kLive) == "live");
  CHECK(KeyStateName(State::kExpired) == "expired");
  CHECK(KeyStateName(State::kRevoked) == "revoked");
  CHECK(KeyStateName(State::kTampered) == "tampered");
}

TEST_CASE("refusals have the names that the audit trail uses") {
  CHECK(KeyRefusalName(KeyRefusal::kNone) == "none");
  CHECK(KeyRefusalName(KeyRefusal::kMissing) == "missing");
  CHECK(KeyRefusalName(KeyRefusal::kMalformed) == "malformed");
  CHECK(KeyRefusalName(KeyRefusal::kUnknown) == "unknown");
  CHECK(KeyRefusalName(KeyRefusal::kMismatch) == "mismatch");
  CHECK(KeyRefusalName(KeyRefusal::kNotYet) == "not_yet");
  CHECK(KeyRefusalName(KeyRefusal::kExpired) == "expired");
  CHECK(KeyRefusalName(KeyRefusal::kRevoked) == "revoked");
  CHECK(KeyRefusalName(KeyRefusal::kTampered) == "tampered");
  CHECK(KeyRefusalName(KeyRefusal::kDisabled) == "disabled");
  CHECK(KeyRefusalName(KeyRefusal::kNetwork) == "network");
  CHECK(KeyRefusalName(KeyRefusal::kTenantDisabled) == "tenant_disabled");
  CHECK(KeyRefusalName(KeyRefusal::kTeamDisabled) == "team_disabled");
  CHECK(KeyRefusalName(KeyRefusal::kPrincipalDisabled) == "principal_disabled");
  CHECK(KeyRefusalName(KeyRefusal::kParentEnded) == "parent_ended");
  CHECK(KeyRefusalName(static_cast<KeyRefusal>(99)) == "unknown");
}

}  // namespace
}  // namespace mcpgate
