#include "storage/sqlite/vault_book.h"

#include <algorithm>
#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::string_view kColumns =
    "tenant, name, purpose, note, version, changed_at, root, wrapped, sealed";

std::string TextAt(const Statement& row, int column) { return std::string(row.Text(column).value_or("")); }
std::string BlobAt(const Statement& row, int column) { return std::string(row.Blob(column).value_or("")); }
std::int64_t NumberAt(const Statement& row, int column) { return row.Integer(column).value_or(0); }

VaultRow RowAt(const Statement& row) {
  return {.tenant = TextAt(row, 0),
          .name = TextAt(row, 1),
          .purpose = TextAt(row, 2),
          .note = TextAt(row, 3),
          .version = NumberAt(row, 4),
          .changed_at = NumberAt(row, 5),
          .root = NumberAt(row, 6),
          .wrapped = BlobAt(row, 7),
          .sealed = BlobAt(row, 8)};
}

VaultSlot SlotAt(const Statement& row) {
  return {.id = TextAt(row, 0),
          .root = NumberAt(row, 1),
          .is_passphrase = NumberAt(row, 2) != 0,
          .salt = BlobAt(row, 3),
          .passes = NumberAt(row, 4),
          .memory = NumberAt(row, 5),
          .wrapped = BlobAt(row, 6)};
}

template <typename Value>
absl::Status ReadAll(Statement& statement, Value (*read)(const Statement&), std::vector<Value>& values) {
  values.clear();
  ResetAtEnd reset(statement);
  for (;;) {
    const absl::StatusOr<bool> row = statement.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    values.push_back(read(statement));
  }
}

absl::StatusOr<std::int64_t> NumberOf(Statement& statement) {
  ResetAtEnd reset(statement);
  const absl::StatusOr<bool> row = statement.Step();
  if (!row.ok()) return row.status();
  return NumberAt(statement, 0);
}

}  // namespace

absl::Status VaultTable::Attach(Database& db) {
  db_ = &db;
  const DatabaseSchema schema = {
      {"CREATE TABLE slots(id TEXT PRIMARY KEY, root INTEGER NOT NULL, is_passphrase INTEGER NOT NULL,"
       " salt BLOB NOT NULL, passes INTEGER NOT NULL, memory INTEGER NOT NULL, wrapped BLOB NOT NULL)"
       " STRICT, WITHOUT ROWID",
       "CREATE TABLE secrets(tenant TEXT NOT NULL, name TEXT NOT NULL, purpose TEXT NOT NULL,"
       " note TEXT NOT NULL, version INTEGER NOT NULL, changed_at INTEGER NOT NULL, root INTEGER NOT NULL,"
       " wrapped BLOB NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(tenant, name)) STRICT, WITHOUT ROWID"}};
  const std::string select = "SELECT " + std::string(kColumns) + " FROM secrets WHERE ";
  absl::Status status = EnsureSchema(db, schema).status();
  // What is overwritten or removed must not stay readable in free pages.
  if (status.ok()) status = db.Execute("PRAGMA secure_delete=ON");
  status.Update(PrepareInto(
      db, slots_, "SELECT id, root, is_passphrase, salt, passes, memory, wrapped FROM slots ORDER BY id"));
  status.Update(PrepareInto(db, insert_slot_,
                            "INSERT INTO slots(id, root, is_passphrase, salt, passes, memory, wrapped)"
                            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  status.Update(PrepareInto(db, delete_slot_, "DELETE FROM slots WHERE id=?1"));
  status.Update(PrepareInto(db, find_, select + "tenant=?1 AND name=?2"));
  status.Update(PrepareInto(db, list_, select + "(tenant, name) > (?1, ?2) ORDER BY tenant, name LIMIT ?3"));
  status.Update(PrepareInto(db, list_tenant_,
                            select + "(tenant, name) > (?1, ?2) AND tenant=?4 ORDER BY name LIMIT ?3"));
  status.Update(PrepareInto(db, newest_root_, "SELECT coalesce(max(root), 0) FROM slots"));
  status.Update(PrepareInto(db, count_, "SELECT count(*) FROM secrets"));
  status.Update(PrepareInto(
      db, replace_,
      "REPLACE INTO secrets(" + std::string(kColumns) + ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  status.Update(
      PrepareInto(db, rewrap_,
                  "UPDATE secrets SET root=?4, wrapped=?5 WHERE tenant=?1 AND name=?2 AND version=?3"
                  " AND root<?4"));
  status.Update(PrepareInto(db, remove_, "DELETE FROM secrets WHERE tenant=?1 AND name=?2"));
  return status;
}

absl::Status VaultTable::Slots(std::vector<VaultSlot>& slots) { return ReadAll(slots_, &SlotAt, slots); }

absl::Status VaultTable::ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                                     std::span<const std::string> removed) {
  std::vector<VaultSlot> slots;
  if (absl::Status status = Slots(slots); !status.ok()) return status;
  const bool as_expected =
      slots.size() == expected.size() && std::all_of(slots.begin(), slots.end(), [&](const VaultSlot& slot) {
        return std::find(expected.begin(), expected.end(), slot.id) != expected.end();
      });
  if (!as_expected) return absl::AbortedError("the vault's slots have changed");
  absl::Status status;
  for (const VaultSlot& slot : added) {
    insert_slot_.BindText(1, slot.id).Bind(2, slot.root).Bind(3, slot.is_passphrase ? 1 : 0);
    insert_slot_.BindBlob(4, slot.salt).Bind(5, slot.passes).Bind(6, slot.memory).BindBlob(7, slot.wrapped);
    status.Update(insert_slot_.Run());
  }
  for (const std::string& id : removed) status.Update(delete_slot_.BindText(1, id).Run());
  return status;
}

absl::Status VaultTable::Find(std::string_view tenant, std::string_view name, std::optional<VaultRow>& row) {
  std::vector<VaultRow> rows;
  absl::Status status = ReadAll(find_.BindText(1, tenant).BindText(2, name), &RowAt, rows);
  row = rows.empty() ? std::nullopt : std::optional<VaultRow>(std::move(rows.front()));
  return status;
}

absl::Status VaultTable::List(std::optional<std::string_view> tenant, const VaultPlace& place,
                              std::size_t most, std::vector<VaultRow>& rows) {
  Statement& list = tenant ? list_tenant_ : list_;
  list.BindText(1, place.tenant).BindText(2, place.name).Bind(3, static_cast<std::int64_t>(most));
  if (tenant) list.BindText(4, *tenant);
  return ReadAll(list, &RowAt, rows);
}

absl::StatusOr<bool> VaultTable::HasPlaceFor(const VaultRow& row) {
  if (row.version > 1) return true;
  const absl::StatusOr<std::int64_t> count = NumberOf(count_);
  if (!count.ok()) return count.status();
  return *count < static_cast<std::int64_t>(kMaxSecrets);
}

absl::Status VaultTable::Put(const VaultRow& row) {
  std::optional<VaultRow> before;
  if (absl::Status status = Find(row.tenant, row.name, before); !status.ok()) return status;
  const absl::StatusOr<std::int64_t> root = NumberOf(newest_root_);
  if (!root.ok()) return root.status();
  if ((before ? before->version : 0) != row.version - 1 || *root > row.root)
    return absl::AbortedError("the vault has changed");
  const absl::StatusOr<bool> has_place = HasPlaceFor(row);
  if (!has_place.ok()) return has_place.status();
  if (!*has_place) return absl::AlreadyExistsError("the vault is full");
  replace_.BindText(1, row.tenant).BindText(2, row.name).BindText(3, row.purpose).BindText(4, row.note);
  replace_.Bind(5, row.version).Bind(6, row.changed_at).Bind(7, row.root);
  return replace_.BindBlob(8, row.wrapped).BindBlob(9, row.sealed).Run();
}

absl::Status VaultTable::Rewrap(std::span<const VaultRow> rows) {
  absl::Status status;
  for (const VaultRow& row : rows) {
    rewrap_.BindText(1, row.tenant).BindText(2, row.name).Bind(3, row.version);
    status.Update(rewrap_.Bind(4, row.root).BindBlob(5, row.wrapped).Run());
  }
  return status;
}

absl::Status VaultTable::Remove(std::string_view tenant, std::string_view name) {
  if (absl::Status status = remove_.BindText(1, tenant).BindText(2, name).Run(); !status.ok()) return status;
  return db_->Changes() > 0 ? absl::OkStatus() : absl::NotFoundError("there is no such secret");
}

}  // namespace mcpgate::sqlite
