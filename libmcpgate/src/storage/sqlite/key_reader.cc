#include "storage/sqlite/key_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "storage/sqlite/key_table.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::size_t kMostRows = 10'000;  // of one page
constexpr int kLook = 20'000;              // names that one page may try

// Our patterns know `*` alone; GLOB knows more.
std::string GlobOf(std::string_view pattern) {
  std::string glob;
  for (const char c : pattern) {
    if (c == '?' || c == '[') {
      glob.append("[").append(1, c).append("]");
    } else {
      glob += c;
    }
  }
  return glob;
}

// The columns that choose, in the order of their parameters from ?2. A partial index is used only when the
// query repeats its condition.
constexpr std::string_view kConditions = "id>?1";
std::string Conditions(const KeyQuery& query) {
  std::string sql(kConditions);
  if (!query.tenant.empty()) sql += " AND tenant=?2";
  if (!query.principal.empty()) sql += " AND principal=?3 AND principal<>''";
  if (!query.family.empty()) sql += " AND family=?4";
  if (!query.parent.empty()) sql += " AND parent=?5 AND parent<>''";
  if (query.sessions) sql += " AND parent<>''";
  if (query.imported) sql += " AND imported_at<>0";
  return sql;
}

void Bind(Statement& statement, const KeyQuery& query) {
  statement.BindText(1, query.after);
  if (!query.tenant.empty()) statement.BindText(2, query.tenant);
  if (!query.principal.empty()) statement.BindText(3, query.principal);
  if (!query.family.empty()) statement.BindText(4, query.family);
  if (!query.parent.empty()) statement.BindText(5, query.parent);
}

}  // namespace

absl::Status KeyReader::Attach(Database& db) {
  db_ = &db;
  absl::Status status = PrepareInto(db, find_, fmt::format("SELECT {} FROM keys WHERE id=?1", kKeyColumns));
  status.Update(PrepareInto(db, find_use_, "SELECT last_used_at, uses FROM uses WHERE id=?1"));
  status.Update(PrepareInto(db, list_ended_,
                            fmt::format("SELECT {}, ends_at FROM keys WHERE ends_at>=?1 AND ends_at<=?2"
                                        " AND (ends_at>?1 OR id>?3) ORDER BY ends_at, id LIMIT ?4",
                                        kKeyColumns)));
  status.Update(PrepareInto(db, has_forgotten_, "SELECT EXISTS(SELECT 1 FROM forgotten)"));
  return status;
}

absl::StatusOr<std::optional<KeyRecord>> KeyReader::Find(std::string_view id) {
  ResetAtEnd reset(find_);
  find_.BindText(1, id);
  const absl::StatusOr<bool> row = find_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  absl::StatusOr<KeyRecord> record = ReadKey(find_);
  if (!record.ok()) return record.status();
  return *std::move(record);
}

// The id behind the last row whose name is tried; empty when the search comes to the end.
absl::StatusOr<std::string> KeyReader::EndOfLook(const KeyQuery& query) {
  absl::StatusOr<Statement> end = db_->Prepare(fmt::format(
      "SELECT id FROM keys WHERE {} ORDER BY id LIMIT 1 OFFSET {}", Conditions(query), kLook - 1));
  if (!end.ok()) return end.status();
  Bind(*end, query);
  const absl::StatusOr<bool> row = end->Step();
  if (!row.ok()) return row.status();
  return *row ? std::string(end->Text(0).value_or("")) : "";
}

absl::StatusOr<KeyRows> KeyReader::List(const KeyQuery& query) {
  const std::size_t limit = std::min(query.limit, kMostRows);
  std::string sql = fmt::format("SELECT {} FROM keys WHERE {}", kKeyColumns, Conditions(query));
  std::string end, glob;
  if (!query.name.empty()) {
    absl::StatusOr<std::string> found = EndOfLook(query);
    if (!found.ok()) return found.status();
    end = *std::move(found);
    glob = GlobOf(query.name);
    sql += " AND name GLOB ?6";
    if (!end.empty()) sql += " AND id<=?7";
  }
  absl::StatusOr<Statement> list = db_->Prepare(sql + " ORDER BY id LIMIT ?8");
  if (!list.ok()) return list.status();
  Bind(*list, query);
  if (!glob.empty()) list->BindText(6, glob);
  if (!end.empty()) list->BindText(7, end);
  list->Bind(8, static_cast<std::int64_t>(limit) + 1);
  KeyRows page{.next = end};
  absl::StatusOr<bool> row = list->Step();
  for (; row.ok() && *row && page.rows.size() < limit; row = list->Step())
    page.rows.push_back({.id = std::string(list->Text(0).value_or("")), .record = ReadKey(*list)});
  if (!row.ok()) return row.status();
  if (*row) page.next = page.rows.empty() ? query.after : page.rows.back().id;
  return page;
}

// A place is the end and the id of the last row.
absl::StatusOr<KeyRows> KeyReader::ListEnded(std::int64_t by, std::string_view after, std::size_t limit) {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  const std::size_t slash = std::min(after.find('/'), after.size());
  const auto read = std::from_chars(after.data(), after.data() + slash, from);
  if (!after.empty() && (read.ec != std::errc() || read.ptr != after.data() + slash))
    return absl::InvalidArgumentError("after: not what a page of ended keys said");
  const std::string_view id = after.substr(std::min(slash + 1, after.size()));
  limit = std::min(limit, kMostRows);
  ResetAtEnd reset(list_ended_);
  list_ended_.Bind(1, from).Bind(2, by).BindText(3, id).Bind(4, static_cast<std::int64_t>(limit) + 1);
  constexpr int kEndColumn = 23;
  KeyRows page;
  std::string last(after);
  absl::StatusOr<bool> row = list_ended_.Step();
  for (; row.ok() && *row && page.rows.size() < limit; row = list_ended_.Step()) {
    page.rows.push_back(
        {.id = std::string(list_ended_.Text(0).value_or("")), .record = ReadKey(list_ended_)});
    last = fmt::format("{}/{}", list_ended_.Integer(kEndColumn).value_or(0), page.rows.back().id);
  }
  if (!row.ok()) return row.status();
  if (*row) page.next = std::move(last);
  return page;
}

absl::StatusOr<bool> KeyReader::HasForgotten() {
  ResetAtEnd reset(has_forgotten_);
  const absl::StatusOr<bool> row = has_forgotten_.Step();
  if (!row.ok()) return row.status();
  return *row && has_forgotten_.Integer(0).value_or(0) != 0;
}

absl::StatusOr<std::vector<KeyUse>> KeyReader::Uses(std::span<const std::string> ids) {
  std::vector<KeyUse> uses;
  for (const std::string& id : ids) {
    ResetAtEnd reset(find_use_);
    const absl::StatusOr<bool> row = find_use_.BindText(1, id).Step();
    if (!row.ok()) return row.status();
    KeyUse use{.id = id};
    if (*row) {
      use.last_used_at = find_use_.Integer(0).value_or(0);
      use.uses = find_use_.Integer(1).value_or(0);
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace mcpgate::sqlite
