#include "storage/sqlite/person_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "storage/sqlite/row_reader.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::size_t kMostRows = 10'000;
constexpr char kColumns[] = "kind, tenant, id, parent, externals, body, version, mac";

std::string Label(const PersonRecord& record) {
  return fmt::format("{} {}", PersonKindName(record.kind), record.id);
}

absl::StatusOr<PersonRecord> ReadPerson(PersonKind kind, const Statement& row) {
  PersonRecord record{.kind = kind};
  std::string kind_name;
  RowReader reader(row);
  reader.Take("kind", kind_name);
  reader.Take("tenant", record.tenant);
  reader.Take("id", record.id);
  reader.Take("parent", record.parent);
  reader.Take("externals", record.externals);
  reader.Take("body", record.body);
  reader.Take("version", record.version);
  reader.Take("mac", record.mac);
  if (reader.bad().empty()) return record;
  return absl::DataLossError(fmt::format("column {} is not as it was written", reader.bad()));
}

}  // namespace

absl::Status PersonTable::Attach(Database& db) {
  db_ = &db;
  absl::Status status = PrepareInto(
      db, insert_,
      fmt::format("INSERT INTO people({}) VALUES(?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT DO NOTHING", kColumns));
  status.Update(PrepareInto(db, update_,
                            "UPDATE people SET parent=?4, externals=?5, body=?6, version=?7, mac=?8"
                            " WHERE kind=?1 AND tenant=?2 AND id=?3 AND version=?7-1"));
  status.Update(
      PrepareInto(db, erase_, "DELETE FROM people WHERE kind=?1 AND tenant=?2 AND id=?3 AND version=?4"));
  status.Update(PrepareInto(db, exists_, "SELECT 1 FROM people WHERE kind=?1 AND tenant=?2 AND id=?3"));
  status.Update(PrepareInto(db, take_external_,
                            "INSERT INTO externals(tenant, external, kind, id) VALUES(?1,?2,?3,?4)"
                            " ON CONFLICT DO NOTHING"));
  status.Update(
      PrepareInto(db, give_externals_, "DELETE FROM externals WHERE tenant=?2 AND kind=?1 AND id=?3"));
  return status;
}

absl::Status PersonTable::Apply(RowChange::Verb verb, const PersonRecord& record) {
  const std::string_view kind = PersonKindName(record.kind);
  if (verb != RowChange::Verb::kInsert) {
    if (absl::Status status = GiveExternals(record); !status.ok()) return status;
  }
  if (verb == RowChange::Verb::kErase) {
    erase_.BindText(1, kind).BindText(2, record.tenant).BindText(3, record.id).Bind(4, record.version);
    if (absl::Status status = erase_.Run(); !status.ok()) return status;
    return db_->Changes() == 1 ? absl::OkStatus() : WhyNot(record);
  }
  const std::string externals = ListText(record.externals);
  Statement& statement = verb == RowChange::Verb::kInsert ? insert_ : update_;
  statement.BindText(1, kind).BindText(2, record.tenant).BindText(3, record.id).BindText(4, record.parent);
  statement.BindText(5, externals).BindText(6, record.body).Bind(7, record.version);
  if (absl::Status status = statement.BindBlob(8, View(record.mac)).Run(); !status.ok()) return status;
  if (db_->Changes() != 1) {
    return verb == RowChange::Verb::kInsert
               ? absl::AlreadyExistsError(fmt::format("{}: the id is taken", Label(record)))
               : WhyNot(record);
  }
  return TakeExternals(record);
}

absl::Status PersonTable::TakeExternals(const PersonRecord& record) {
  for (const std::string& external : record.externals) {
    take_external_.BindText(1, record.tenant).BindText(2, external);
    take_external_.BindText(3, PersonKindName(record.kind)).BindText(4, record.id);
    if (absl::Status status = take_external_.Run(); !status.ok()) return status;
    if (db_->Changes() != 1)
      return absl::AlreadyExistsError(fmt::format("the external id {} is taken", external));
  }
  return absl::OkStatus();
}

absl::Status PersonTable::GiveExternals(const PersonRecord& record) {
  return give_externals_.BindText(1, PersonKindName(record.kind))
      .BindText(2, record.tenant)
      .BindText(3, record.id)
      .Run();
}

absl::Status PersonTable::WhyNot(const PersonRecord& record) {
  ResetAtEnd reset(exists_);
  exists_.BindText(1, PersonKindName(record.kind)).BindText(2, record.tenant).BindText(3, record.id);
  const absl::StatusOr<bool> found = exists_.Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::NotFoundError(fmt::format("{}: there is no such row", Label(record)));
  return absl::AbortedError(fmt::format("{}: changed by somebody else meanwhile", Label(record)));
}

absl::Status PersonReader::Attach(Database& db) {
  db_ = &db;
  return PrepareInto(db, find_,
                     fmt::format("SELECT {} FROM people WHERE kind=?1 AND tenant=?2 AND id=?3", kColumns));
}

absl::StatusOr<std::optional<PersonRecord>> PersonReader::Find(PersonKind kind, std::string_view tenant,
                                                               std::string_view id) {
  ResetAtEnd reset(find_);
  find_.BindText(1, PersonKindName(kind)).BindText(2, tenant).BindText(3, id);
  const absl::StatusOr<bool> row = find_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  absl::StatusOr<PersonRecord> record = ReadPerson(kind, find_);
  if (!record.ok()) return record.status();
  return *std::move(record);
}

absl::StatusOr<PersonRows> PersonReader::List(const PersonQuery& query) {
  const std::size_t limit = std::min(query.limit, kMostRows);
  const std::size_t slash = query.after.find('/');
  const std::string after_tenant = query.after.substr(0, slash);
  const std::string after_id = slash == std::string::npos ? "" : query.after.substr(slash + 1);
  std::string sql = fmt::format("SELECT {} FROM people WHERE kind=?1 AND (tenant, id)>(?2, ?3)", kColumns);
  if (!query.tenant.empty()) sql += " AND tenant=?4";
  if (!query.parent.empty()) sql += " AND parent=?5 AND parent<>''";
  if (!query.external.empty())
    sql += " AND id=(SELECT id FROM externals WHERE tenant=?4 AND external=?6 AND kind=?1)";
  absl::StatusOr<Statement> list = db_->Prepare(sql + " ORDER BY tenant, id LIMIT ?7");
  if (!list.ok()) return list.status();
  list->BindText(1, PersonKindName(query.kind)).BindText(2, after_tenant).BindText(3, after_id);
  if (!query.tenant.empty() || !query.external.empty()) list->BindText(4, query.tenant);
  if (!query.parent.empty()) list->BindText(5, query.parent);
  if (!query.external.empty()) list->BindText(6, query.external);
  list->Bind(7, static_cast<std::int64_t>(limit) + 1);
  PersonRows page;
  absl::StatusOr<bool> row = list->Step();
  for (; row.ok() && *row && page.rows.size() < limit; row = list->Step()) {
    page.rows.push_back({query.kind, std::string(list->Text(1).value_or("")),
                         std::string(list->Text(2).value_or("")), ReadPerson(query.kind, *list)});
  }
  if (!row.ok()) return row.status();
  if (*row) page.next = page.rows.empty() ? query.after : page.rows.back().tenant + "/" + page.rows.back().id;
  return page;
}

}  // namespace mcpgate::sqlite
