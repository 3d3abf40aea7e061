// File: storage/sqlite/person_table.h
//
// Tenants, teams and principals as rows.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_record.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// PersonTable
///
/// Changes inside a transaction. A change that is refused may have changed rows already: the caller undoes
/// it. Not thread-safe; the writer's.
class PersonTable {
 public:
  absl::Status Attach(Database& db);
  /// The errors are those of RowChange.
  absl::Status Apply(RowChange::Verb verb, const PersonRecord& record);

 private:
  absl::Status TakeExternals(const PersonRecord& record);
  absl::Status GiveExternals(const PersonRecord& record);
  absl::Status WhyNot(const PersonRecord& record);

  Database* db_ = nullptr;
  Statement insert_, update_, erase_, exists_, take_external_, give_externals_;
};

/// PersonReader
///
/// Not thread-safe; used by whoever uses its Database.
class PersonReader {
 public:
  absl::Status Attach(Database& db);
  absl::StatusOr<std::optional<PersonRecord>> Find(PersonKind kind, std::string_view tenant,
                                                   std::string_view id);
  absl::StatusOr<PersonRows> List(const PersonQuery& query);

 private:
  Database* db_ = nullptr;
  Statement find_;
};

}  // namespace mcpgate::sqlite
