// File: storage/sqlite/key_reader.h
//
// Keys and their uses, read beside the writer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_record.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// KeyReader
///
/// Not thread-safe; used by whoever uses its Database.
class KeyReader {
 public:
  absl::Status Attach(Database& db);
  absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id);
  absl::StatusOr<KeyRows> List(const KeyQuery& query);
  absl::StatusOr<std::vector<KeyUse>> Uses(std::span<const std::string> ids);
  absl::StatusOr<KeyRows> ListEnded(std::int64_t by, std::string_view after, std::size_t limit);
  absl::StatusOr<bool> HasForgotten();

 private:
  absl::StatusOr<std::string> EndOfLook(const KeyQuery& query);

  Database* db_ = nullptr;
  Statement find_, find_use_, list_ended_, has_forgotten_;
};

}  // namespace mcpgate::sqlite
