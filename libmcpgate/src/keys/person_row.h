// Tenants, teams and principals as rows, and back.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_record.h"
#include "mcpgate/people.h"

namespace mcpgate {

/// Everything but the MAC.
PersonRecord RowOf(const Tenant& tenant);
PersonRecord RowOf(const Team& team);
PersonRecord RowOf(const KeyHolder& holder);

/// DataLoss when the body is not one that `RowOf` makes.
absl::Status ReadRow(const PersonRecord& row, Tenant& tenant);
absl::Status ReadRow(const PersonRecord& row, Team& team);
absl::Status ReadRow(const PersonRecord& row, KeyHolder& holder);

/// InvalidArgument names the field that is wrong and what it may be.
absl::Status Validate(const Tenant& tenant);
absl::Status Validate(const Team& team);
absl::Status Validate(const KeyHolder& holder);

}  // namespace mcpgate
