// File: storage/sqlite/use_table.h
//
// When keys were last used, and how often.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "mcpgate/key_record.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// UseTable
///
/// Not thread-safe; the writer's.
class UseTable {
 public:
  absl::Status Attach(Database& db);
  absl::Status Note(std::span<const KeyUse> uses);

 private:
  Statement note_;
};

}  // namespace mcpgate::sqlite
