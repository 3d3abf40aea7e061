// Two storages on one directory are two processes as far as SQLite, locks and the revision are concerned.
#include <doctest/doctest.h>

#include "contract/audit_sink_contract.h"
#include "contract/key_store_contract.h"
#include "contract/rate_limiter_contract.h"
#include "fixture.h"

namespace mcpgate::testing {
namespace {

// A part of a storage that keeps its storage and directory alive.
template <typename Part>
struct Kept {
  std::shared_ptr<DataDirectory> directory;
  std::shared_ptr<SqliteStorage> storage;
  std::shared_ptr<Part> part;

  static std::shared_ptr<Part> Keep(std::shared_ptr<DataDirectory> directory,
                                    std::shared_ptr<SqliteStorage> storage, std::shared_ptr<Part> part) {
    const auto kept = std::make_shared<Kept>(Kept{std::move(directory), std::move(storage), std::move(part)});
    return {kept, kept->part.get()};
  }
};

TEST_CASE("the SQLite key store keeps the contract of KeyStore") {
  KeyStoreContract([] {
    const auto directory = std::make_shared<DataDirectory>();
    const std::shared_ptr<SqliteStorage> first = directory->Open(), second = directory->Open();
    return KeyStores{Kept<KeyStore>::Keep(directory, first, first->keys()),
                     Kept<KeyStore>::Keep(directory, second, second->keys())};
  });
}

TEST_CASE("the SQLite limiter keeps the contract of RateLimiter") {
  RateLimiterContract([](const Clock& clock) {
    const auto directory = std::make_shared<DataDirectory>();
    SqliteOptions options = directory->Options();
    options.clock = &clock;
    const std::shared_ptr<SqliteStorage> first = DataDirectory::Open(options),
                                         second = DataDirectory::Open(options);
    return RateLimiters{Kept<RateLimiter>::Keep(directory, first, first->limiter()),
                        Kept<RateLimiter>::Keep(directory, second, second->limiter())};
  });
}

TEST_CASE("the SQLite audit sink keeps the contract of AuditSink") {
  AuditSinkContract([] {
    const auto directory = std::make_shared<DataDirectory>();
    const std::shared_ptr<SqliteStorage> storage = directory->Open();
    const auto stored = [trail = storage->trail()] {
      std::vector<std::string> bodies;
      const auto records = trail->Read(TenantScope::Operator(), {.limit = 10'000});
      REQUIRE(records.ok());
      for (const StoredAudit& record : *records) bodies.push_back(record.body);
      CHECK(trail->Verify().state == AuditVerdict::State::kIntact);
      return bodies;
    };
    return AuditSinkUnderTest{Kept<AuditSink>::Keep(directory, storage, storage->audit()), stored};
  });
}

}  // namespace
}  // namespace mcpgate::testing
