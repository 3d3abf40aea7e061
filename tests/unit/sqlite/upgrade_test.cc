// A data directory made by the first version, opened by this one.
#include <doctest/doctest.h>

#include <string>

#include "base/crypto.h"
#include "fixture.h"
#include "mcpgate/key_admin.h"

namespace mcpgate::testing {
namespace {

// gate.db as version 1 made it, with one key whose MAC has the fields of then.
struct FirstVersion {
  FirstVersion() {
    {
      const auto storage = data.Open();
      auto ring =
          Keyring::New({.store = storage->keys(), .root_key = storage->root_key(), .clock = &data.clock});
      auto issued =
          (*ring)->admin().Issue(TenantScope::Operator(), {.name = "old", .grants = {.role = Role::kWriter}});
      REQUIRE(issued.ok());
      key = *std::move(issued);
    }
    RawDatabase raw(data.File("gate.db"));
    for (const char* table : {"people", "externals", "uses", "forgotten"})
      raw.Run(std::string("DROP TABLE ") + table);
    raw.Run(
        "CREATE TABLE kept AS SELECT id, family, tenant, name, role, allow_tools, deny_tools, resources, "
        "hash,"
        " created_at, not_before, expires_at, revoked_at, version, mac FROM keys");
    raw.Run("DROP TABLE keys");
    raw.Run(
        "CREATE TABLE keys(id TEXT NOT NULL PRIMARY KEY, family TEXT NOT NULL, tenant TEXT NOT NULL,"
        " name TEXT NOT NULL, role TEXT NOT NULL, allow_tools TEXT NOT NULL, deny_tools TEXT NOT NULL,"
        " resources TEXT NOT NULL, hash BLOB NOT NULL, created_at INTEGER NOT NULL, not_before INTEGER NOT "
        "NULL,"
        " expires_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, version INTEGER NOT NULL, mac BLOB NOT "
        "NULL"
        ") STRICT, WITHOUT ROWID");
    raw.Run("INSERT INTO keys SELECT * FROM kept");
    raw.Run("DROP TABLE kept");
    raw.Run("PRAGMA user_version=1");
  }
  static KeyRefusal RefusalIn(SqliteStorage& storage, const Secret& token) {
    auto ring = Keyring::New({.store = storage.keys(), .root_key = storage.root_key()});
    const auto verdict = (*ring)->Verify(token);
    REQUIRE(verdict.ok());
    return verdict->refusal;
  }

  DataDirectory data;
  IssuedKey key;
};

// Fields of a row as version 1 hashed them, written down once more.
Digest FirstMac(const Secret& root_key, const KeyRecord& record) {
  Blake2b hash(DeriveSecret(root_key, "key-row"), "key-row");
  hash.AddField(record.id).AddField(record.family).AddField(record.tenant).AddField(record.name);
  hash.AddNumber(static_cast<std::int64_t>(record.grants.role));
  hash.AddNumber(0).AddNumber(0).AddNumber(0);
  hash.AddField(AsView(record.hash));
  hash.AddNumber(record.created_at).AddNumber(record.not_before).AddNumber(record.expires_at);
  hash.AddNumber(record.revoked_at).AddNumber(record.version);
  return hash.Finish();
}

TEST_CASE("a directory of the first version opens, and its keys work and can be changed") {
  FirstVersion old;
  const auto storage = old.data.Open();
  CHECK(old.key.record.mac == FirstMac(storage->root_key(), old.key.record));
  CHECK(FirstVersion::RefusalIn(*storage, old.key.token) == KeyRefusal::kNone);
  auto ring = Keyring::New({.store = storage->keys(), .root_key = storage->root_key()});
  REQUIRE((*ring)->admin().Revoke(TenantScope::Operator(), old.key.record.id).ok());
  CHECK(FirstVersion::RefusalIn(*storage, old.key.token) == KeyRefusal::kRevoked);
  RawDatabase raw(old.data.File("gate.db"));
  CHECK(raw.Answer("SELECT CAST(user_version AS TEXT) FROM pragma_user_version") == "3");
}

TEST_CASE("an upgrade that fails leaves the first version as it was") {
  FirstVersion old;
  {
    RawDatabase raw(old.data.File("gate.db"));
    raw.Run("CREATE TABLE uses(in_the_way TEXT)");  // the last statement of the first upgrade
  }
  CHECK_FALSE(SqliteStorage::Open(old.data.Options()).ok());
  {
    RawDatabase raw(old.data.File("gate.db"));
    CHECK(raw.Answer("SELECT CAST(user_version AS TEXT) FROM pragma_user_version") == "1");
    CHECK(raw.Answer("SELECT name FROM pragma_table_info('keys') WHERE name='principal'").empty());
    CHECK(raw.Answer("SELECT name FROM sqlite_schema WHERE name='people'").empty());
    raw.Run("DROP TABLE uses");
  }
  const auto storage = old.data.Open();
  CHECK(FirstVersion::RefusalIn(*storage, old.key.token) == KeyRefusal::kNone);
}

TEST_CASE("budgets of the first version go on, and are their tenant's once more is spent") {
  const DataDirectory data;
  const LedgerOptions options{.rules = {{.name = "keys", .scope = BudgetScope::kKey, .limit = 9}}};
  const Principal principal{.family = "family", .tenant = "acme"};
  const auto spend = [&](Ledger& ledger) {
    const auto held = ledger.Reserve(principal, "tool", 1);
    REQUIRE((held.ok() && held->allowed));
    ledger.Settle(held->reservation, 1);
  };
  {
    const auto storage = data.Open();
    spend(**storage->ledger(options));
  }
  {
    RawDatabase raw(data.File("budget.db"));
    for (const std::string table : {"spent", "holds"}) {
      raw.Run("DROP INDEX " + table + "_by_tenant");
      raw.Run("ALTER TABLE " + table + " DROP COLUMN tenant");
    }
    raw.Run("PRAGMA user_version=1");
  }
  const auto storage = data.Open();
  const auto ledger = *storage->ledger(options);
  REQUIRE(ledger->Accounts({})->accounts.size() == 1);
  CHECK(ledger->Accounts({})->accounts.front().spent == 1);
  CHECK(ledger->Accounts({.tenant = "acme"})->accounts.empty());  // nobody wrote down whose it was
  spend(*ledger);
  REQUIRE(ledger->Accounts({.tenant = "acme"})->accounts.size() == 1);
  CHECK(ledger->Accounts({.tenant = "acme"})->accounts.front().spent == 2);
}

}  // namespace
}  // namespace mcpgate::testing
