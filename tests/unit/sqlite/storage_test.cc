// One storage, from opening to each of its parts.
#include <doctest/doctest.h>

#include "mcpgate/key_admin.h"
#include "mcpgate/sqlite.h"
#include "support/temp_dir.h"

namespace mcpgate {
namespace {

TEST_CASE("a storage keeps keys, counts limits and proves its trail") {
  const testing::TempDir dir;
  const auto storage = SqliteStorage::Open({.directory = dir / "data"});
  REQUIRE_MESSAGE(storage.ok(), storage.status().ToString());

  const auto ring = Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
  REQUIRE(ring.ok());
  const auto issued =
      (*ring)->admin().Issue(TenantScope::Operator(), {.name = "laptop", .grants = {.role = Role::kWriter}});
  REQUIRE(issued.ok());
  CHECK((*ring)->Verify(issued->token)->principal != nullptr);
  CHECK((*ring)->admin().Revoke(TenantScope::Operator(), issued->record.id).ok());
  CHECK((*ring)->Verify(issued->token)->refusal == KeyRefusal::kRevoked);

  const LimitPolicy posting = PostingLimit();
  const LimitCharge post{.policy = &posting, .partition = "family"};
  for (int i = 0; i < 6; ++i) {
    const auto decision = (*storage)->limiter()->Take({&post, 1}, nullptr);
    REQUIRE(decision.ok());
    CHECK(decision->allowed == (i < 5));
  }

  AuditRecord record;
  record.action = "greet";
  CHECK((*storage)->audit()->Append(record, AuditDurability::kBefore).ok());
  CHECK((*storage)->audit()->Append(record, AuditDurability::kQueued).ok());
  CHECK((*storage)->audit()->Flush().ok());
  const AuditVerdict verdict = (*storage)->trail()->Verify();
  CHECK_MESSAGE(verdict.state == AuditVerdict::State::kIntact, verdict.detail);
  CHECK(verdict.records == 2);
}

}  // namespace
}  // namespace mcpgate
