// File: storage/sqlite/audit_cursor.h
//
// A place between two records, as a text that only we can make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/secret.h"

namespace mcpgate::sqlite {

/// Before the records after `seq` (`up`), or after the records before it (not `up`).
struct AuditPlace {
  bool up = true;
  std::uint64_t seq = 0;
};

/// `query` is what the cursor belongs to. The text does not show the place, which would tell one tenant how
/// much the others do.
std::string SealPlace(const Secret& key, std::string_view query, const AuditPlace& place);
/// InvalidArgument when the text was not made for this query.
absl::StatusOr<AuditPlace> OpenPlace(const Secret& key, std::string_view query, std::string_view cursor);

}  // namespace mcpgate::sqlite
