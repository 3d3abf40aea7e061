// File: tool/schema_reference.h
//
// Where a `$ref` points. Only inside its own document: nothing is ever fetched.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/json.h"

namespace mcpgate {

struct ReferencedSchema {
  const Json* schema;
  std::string place;  ///< JSON pointer
};

/// InvalidArgument says what is wrong with `reference`. It may be "#", "#/…" or either after the document's
/// own
/// `$id`.
absl::StatusOr<ReferencedSchema> FindReferenced(const Json& document, std::string_view reference);

}  // namespace mcpgate
