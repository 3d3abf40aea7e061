#include "storage/sqlite/key_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "mcpgate/json.h"
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
    " expires_at, revoked_at, version, mac";

namespace {

constexpr std::size_t kMaxText = 64 * 1024;

std::string PatternText(const std::vector<std::string>& patterns) {
  Json list = Json::array();
  for (const std::string& pattern : patterns) list.push_back(pattern);
  return DumpJson(list);
}

bool ParsePatterns(std::string_view text, std::vector<std::string>& patterns) {
  const absl::StatusOr<Json> list = ParseJson(text);
  if (!list.ok() || !list->is_array()) return false;
  for (const Json& item : *list) {
    const std::string* pattern = item.get_ptr<const std::string*>();
    if (pattern == nullptr) return false;
    patterns.push_back(*pattern);
  }
  return PatternText(patterns) == text;  // one text for one value, or a changed row could pass
}

// Reads columns one after the other and remembers the first that is not as it was written.
class RowReader {
 public:
  explicit RowReader(const Statement& row) : row_(row) {}

  void Take(std::string_view name, std::string& field) {
    const std::optional<std::string_view> text = row_.Text(column_++);
    Require(name, text.has_value() && text->size() <= kMaxText);
    if (text) field = std::string(*text);
  }
  void Take(std::string_view name, std::int64_t& field) {
    const std::optional<std::int64_t> number = row_.Integer(column_++);
    Require(name, number.has_value());
    field = number.value_or(0);
  }
  void Take(std::string_view name, std::array<std::uint8_t, 32>& field) {
    const std::optional<std::string_view> blob = row_.Blob(column_++);
    Require(name, blob.has_value() && blob->size() == field.size());
    if (blob && blob->size() == field.size()) std::copy(blob->begin(), blob->end(), field.begin());
  }
  void Take(std::string_view name, Role& field) {
    std::string text;
    Take(name, text);
    const std::optional<Role> role = ParseRole(text);
    Require(name, role.has_value());
    field = role.value_or(Role::kReader);
  }
  void Take(std::string_view name, std::vector<std::string>& field) {
    std::string text;
    Take(name, text);
    Require(name, ParsePatterns(text, field));
  }
  std::string_view bad() const { return bad_; }

 private:
  void Require(std::string_view name, bool holds) {
    if (!holds && bad_.empty()) bad_ = name;
  }

  const Statement& row_;
  int column_ = 0;
  std::string_view bad_;
};

std::string_view View(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

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
  if (reader.bad().empty()) return record;
  return absl::DataLossError(fmt::format("column {} is not as it was written", reader.bad()));
}

absl::Status KeyTable::Attach(Database& db) {
  db_ = &db;
  const std::string insert = fmt::format(
      "INSERT INTO keys({}) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15) ON CONFLICT DO "
      "NOTHING",
      kKeyColumns);
  absl::Status status = PrepareInto(db, insert_, insert);
  status.Update(PrepareInto(
      db, update_,
      "UPDATE keys SET family=?2, tenant=?3, name=?4, role=?5, allow_tools=?6, deny_tools=?7, resources=?8,"
      " hash=?9, created_at=?10, not_before=?11, expires_at=?12, revoked_at=?13, version=?14, mac=?15"
      " WHERE id=?1 AND version=?14-1"));
  status.Update(PrepareInto(db, exists_, "SELECT 1 FROM keys WHERE id=?1"));
  return status;
}

absl::Status KeyTable::Run(Statement& statement, const KeyRecord& record) {
  const std::string allow = PatternText(record.grants.allow_tools);
  const std::string deny = PatternText(record.grants.deny_tools);
  const std::string resources = PatternText(record.grants.resources);
  statement.BindText(1, record.id).BindText(2, record.family).BindText(3, record.tenant);
  statement.BindText(4, record.name).BindText(5, RoleName(record.grants.role));
  statement.BindText(6, allow).BindText(7, deny).BindText(8, resources).BindBlob(9, View(record.hash));
  statement.Bind(10, record.created_at).Bind(11, record.not_before).Bind(12, record.expires_at);
  statement.Bind(13, record.revoked_at).Bind(14, record.version).BindBlob(15, View(record.mac));
  return statement.Run();
}

absl::Status KeyTable::Insert(const KeyRecord& record) {
  if (absl::Status status = Run(insert_, record); !status.ok()) return status;
  if (db_->Changes() == 1) return absl::OkStatus();
  return absl::AlreadyExistsError(fmt::format("key {}: the id is taken", record.id));
}

absl::Status KeyTable::Update(const KeyRecord& record) {
  if (absl::Status status = Run(update_, record); !status.ok()) return status;
  if (db_->Changes() == 1) return absl::OkStatus();
  ResetAtEnd reset(exists_);
  exists_.BindText(1, record.id);
  const absl::StatusOr<bool> found = exists_.Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::NotFoundError(fmt::format("key {}: no such key", record.id));
  return absl::AbortedError(fmt::format("key {}: changed by somebody else meanwhile", record.id));
}

}  // namespace mcpgate::sqlite
