// File: tool/compiled_schema.h
//
// JSON Schema 2020-12, compiled once at registration and then asked many times.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// One place where a value does not fit.
struct SchemaViolation {
  std::string pointer;  ///< RFC 6901 into the value; "" is the value itself
  std::string message;  ///< "must be at most 80 characters long, is 95"
};

struct SchemaLimits {
  std::size_t max_nodes = 10'000;  ///< subschemas of one schema
  std::size_t max_depth = 64;  ///< subschemas inside one another; those asked about one value, references too
  std::size_t max_work = 1'000'000;  ///< of one validation: subschemas asked, values compared, text read
  std::size_t max_violations = 10;   ///< reported; validation stops there
  std::size_t max_names = 1'000;     ///< $id, $anchor and $dynamicAnchor of one schema
  std::size_t max_documents = 100;   ///< that references may bring in besides the schema itself
};

/// Documents that the caller holds already, by absolute URI without fragment; null for one it does not hold.
/// Called only while a schema is compiled; the documents must live until then.
using SchemaLookup = std::function<const Json*(std::string_view uri)>;

/// CompiledSchema
///
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT CompiledSchema {
 public:
  /// `$ref` may lead to `schema` and to what `lookup` answers; nothing is ever
  /// fetched. InvalidArgument names keyword and place: a reference that leads elsewhere, a name given twice,
  /// a pattern RE2 cannot run, a dialect that is not supported, a malformed keyword value.
  static absl::StatusOr<std::shared_ptr<const CompiledSchema>> Compile(const Json& schema,
                                                                       SchemaLimits limits = {},
                                                                       const SchemaLookup& lookup = {});
  virtual ~CompiledSchema() = default;
  /// Empty: the value fits.
  virtual std::vector<SchemaViolation> Validate(const Json& value) const = 0;
};

/// The violations as one message a model can act on, one line each.
MCPGATE_EXPORT std::string DescribeViolations(const std::vector<SchemaViolation>& violations);

}  // namespace mcpgate
