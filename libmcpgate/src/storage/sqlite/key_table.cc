#include "storage/sqlite/key_table.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "storage/sqlite/row_reader.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {

// Without rowids the table is its own index, and there is no second tree that could disagree with it.
const char* const kKeySchema =
    "CREATE TABLE keys(id TEXT NOT NULL PRIMARY KEY, family TEXT NOT NULL, tenant TEXT NOT NULL,"
    " name TEXT NOT NULL, role TEXT NOT NULL, allow_tools TEXT NOT NULL, deny_tools TEXT NOT NULL,"
    " resources TEXT NOT NULL, hash BLOB NOT NULL, created_at INTEGER NOT NULL, not_before INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, version INTEGER NOT NULL, mac BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID";

const char* const kKeyColumns =
    "id, family, tenant, name, role, allow_tools, deny_tools, resources, hash, created_at, not_before,"
    " expires_at, revoked_at, version, mac, kind, principal, parent, disabled_at, retires_at, networks, "
    "metadata, imported_at";

std::vector<std::string> PeopleUpgrade() {
  std::vector<std::string> statements;
  for (const char* column : {"kind TEXT NOT NULL DEFAULT 'key'", "principal TEXT NOT NULL DEFAULT ''",
                             "parent TEXT NOT NULL DEFAULT ''", "disabled_at INTEGER NOT NULL DEFAULT 0",
                             "retires_at INTEGER NOT NULL DEFAULT 0", "networks TEXT NOT NULL DEFAULT '[]'",
                             "metadata TEXT NOT NULL DEFAULT ''", "imported_at INTEGER NOT NULL DEFAULT 0"}) {
    statements.push_back(fmt::format("ALTER TABLE keys ADD COLUMN {}", column));
  }
  statements.insert(
      statements.end(),
      {"CREATE INDEX keys_by_family ON keys(family)", "CREATE INDEX keys_by_tenant ON keys(tenant)",
       "CREATE INDEX keys_by_principal ON keys(tenant, principal) WHERE principal<>''",
       "CREATE INDEX keys_by_parent ON keys(parent) WHERE parent<>''",
       "CREATE INDEX keys_imported ON keys(imported_at) WHERE imported_at<>0",
       "CREATE TABLE people(kind TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL,"
       " externals TEXT NOT NULL, body TEXT NOT NULL, version INTEGER NOT NULL, mac BLOB NOT NULL,"
       " PRIMARY KEY(kind, tenant, id)) STRICT, WITHOUT ROWID",
       "CREATE INDEX people_by_parent ON people(kind, tenant, parent) WHERE parent<>''",
       "CREATE TABLE externals(tenant TEXT NOT NULL, external TEXT NOT NULL, kind TEXT NOT NULL,"
       " id TEXT NOT NULL, PRIMARY KEY(tenant, external)) STRICT, WITHOUT ROWID",
       "CREATE INDEX externals_by_id ON externals(tenant, kind, id)",
       "CREATE TABLE uses(id TEXT NOT NULL PRIMARY KEY, last_used_at INTEGER NOT NULL, uses INTEGER NOT NULL)"
       " STRICT, WITHOUT ROWID"});
  return statements;
}

// `ends_at` is EndOf of key_record.h.
std::vector<std::string> ForgettingUpgrade() {
  constexpr std::string_view kNever = "9223372036854775807";
  std::string ends;
  for (const char* column : {"expires_at", "revoked_at", "retires_at"})
    ends += fmt::format("{}ifnull(nullif({},0),{})", ends.empty() ? "" : ",", column, kNever);
  return {fmt::format("ALTER TABLE keys ADD COLUMN ends_at INTEGER"
                      " GENERATED ALWAYS AS (nullif(min({}),{})) VIRTUAL",
                      ends, kNever),
          "CREATE INDEX keys_by_end ON keys(ends_at) WHERE ends_at IS NOT NULL",
          "CREATE TABLE forgotten(id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID"};
}

absl::StatusOr<KeyRecord> ReadKey(const Statement& row) {
  KeyRecord record;
  RowReader reader(row);
  reader.Take("id", record.id);
  reader.Take("family", record.family);
  reader.Take("tenant", record.tenant);
  reader.Take("name", record.name);
  reader.Take("role", record.grants.role);
  reader.Take("allow_tools", record.grants.allow_tools);
  reader.Take("deny_tools", record.grants.deny_tools);
  reader.Take("resources", record.grants.resources);
  reader.Take("hash", record.hash);
  reader.Take("created_at", record.created_at);
  reader.Take("not_before", record.not_before);
  reader.Take("expires_at", record.expires_at);
  reader.Take("revoked_at", record.revoked_at);
  reader.Take("version", record.version);
  reader.Take("mac", record.mac);
  reader.Take("kind", record.kind);
  reader.Take("principal", record.principal);
  reader.Take("parent", record.parent);
  reader.Take("disabled_at", record.disabled_at);
  reader.Take("retires_at", record.retires_at);
  reader.Take("networks", record.networks);
  reader.Take("metadata", record.metadata);
  reader.Take("imported_at", record.imported_at);
  if (reader.bad().empty()) return record;
  return absl::DataLossError(fmt::format("column {} is not as it was written", reader.bad()));
}

absl::Status KeyTable::Attach(Database& db) {
  db_ = &db;
  const std::string insert = fmt::format(
      "INSERT INTO keys({}) SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,"
      "?18,?19,?20,?21,?22,?23 WHERE NOT EXISTS(SELECT 1 FROM forgotten WHERE id=?1) ON CONFLICT DO NOTHING",
      kKeyColumns);
  absl::Status status = PrepareInto(db, insert_, insert);
  status.Update(PrepareInto(
      db, update_,
      "UPDATE keys SET family=?2, tenant=?3, name=?4, role=?5, allow_tools=?6, deny_tools=?7, resources=?8,"
      " hash=?9, created_at=?10, not_before=?11, expires_at=?12, revoked_at=?13, version=?14, mac=?15,"
      " kind=?16, principal=?17, parent=?18, disabled_at=?19, retires_at=?20, networks=?21, metadata=?22,"
      " imported_at=?23"
      " WHERE id=?1 AND version=?14-1"));
  status.Update(PrepareInto(db, erase_, "DELETE FROM keys WHERE id=?1 AND version=?2"));
  status.Update(PrepareInto(db, exists_, "SELECT 1 FROM keys WHERE id=?1"));
  status.Update(PrepareInto(db, keep_id_, "INSERT INTO forgotten(id) VALUES(?1)"));
  status.Update(PrepareInto(db, drop_use_, "DELETE FROM uses WHERE id=?1"));
  return status;
}

absl::Status KeyTable::Run(Statement& statement, const KeyRecord& record) {
  const std::string allow = ListText(record.grants.allow_tools);
  const std::string deny = ListText(record.grants.deny_tools);
  const std::string resources = ListText(record.grants.resources);
  const std::string networks = ListText(record.networks);
  statement.BindText(1, record.id).BindText(2, record.family).BindText(3, record.tenant);
  statement.BindText(4, record.name).BindText(5, RoleName(record.grants.role));
  statement.BindText(6, allow).BindText(7, deny).BindText(8, resources).BindBlob(9, View(record.hash));
  statement.Bind(10, record.created_at).Bind(11, record.not_before).Bind(12, record.expires_at);
  statement.Bind(13, record.revoked_at).Bind(14, record.version).BindBlob(15, View(record.mac));
  statement.BindText(16, KeyKindName(record.kind)).BindText(17, record.principal).BindText(18, record.parent);
  statement.Bind(19, record.disabled_at).Bind(20, record.retires_at);
  statement.BindText(21, networks).BindText(22, record.metadata).Bind(23, record.imported_at);
  return statement.Run();
}

absl::Status KeyTable::Insert(const KeyRecord& record) {
  if (absl::Status status = Run(insert_, record); !status.ok()) return status;
  if (db_->Changes() == 1) return absl::OkStatus();
  return absl::AlreadyExistsError(fmt::format("key {}: the id is taken", record.id));
}

absl::Status KeyTable::Update(const KeyRecord& record) {
  if (absl::Status status = Run(update_, record); !status.ok()) return status;
  return db_->Changes() == 1 ? absl::OkStatus() : WhyNot(record.id);
}

absl::Status KeyTable::Erase(const KeyRecord& record) {
  if (absl::Status status = erase_.BindText(1, record.id).Bind(2, record.version).Run(); !status.ok())
    return status;
  return db_->Changes() == 1 ? absl::OkStatus() : WhyNot(record.id);
}

absl::Status KeyTable::Forget(const KeyRecord& record) {
  absl::Status status = Erase(record);
  if (status.ok()) status = keep_id_.BindText(1, record.id).Run();
  if (status.ok()) status = drop_use_.BindText(1, record.id).Run();
  return status;
}

absl::Status KeyTable::WhyNot(const std::string& id) {
  ResetAtEnd reset(exists_);
  exists_.BindText(1, id);
  const absl::StatusOr<bool> found = exists_.Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::NotFoundError(fmt::format("key {}: no such key", id));
  return absl::AbortedError(fmt::format("key {}: changed by somebody else meanwhile", id));
}

absl::Status KeyTable::Apply(RowChange::Verb verb, const KeyRecord& record) {
  switch (verb) {
    case RowChange::Verb::kInsert:
      return Insert(record);
    case RowChange::Verb::kUpdate:
      return Update(record);
    case RowChange::Verb::kErase:
      return Erase(record);
  }
  return absl::InvalidArgumentError("no such verb");
}

}  // namespace mcpgate::sqlite
