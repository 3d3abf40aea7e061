// A JSON Schema on the first line, values on the others: compiling and asking end within their bounds, and
// what is said about a value can be said.
#include <string>

#include "fuzz/require.h"
#include "mcpgate/json.h"
#include "tool/compiled_schema.h"

using namespace mcpgate;
using fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr SchemaLimits kLimits{.max_nodes = 1'000, .max_work = 20'000};
  std::string_view text = fuzz::TextOf(data, size);
  const absl::StatusOr<Json> schema = ParseJson(fuzz::TakeLine(text));
  if (!schema.ok()) return 0;
  const auto compiled = CompiledSchema::Compile(*schema, kLimits);
  if (!compiled.ok()) {
    Require(!compiled.status().message().empty(), "a schema that is refused is told why");
    return 0;
  }
  while (!text.empty()) {
    const absl::StatusOr<Json> value = ParseJson(fuzz::TakeLine(text));
    if (!value.ok()) continue;
    const std::vector<SchemaViolation> violations = (*compiled)->Validate(*value);
    Require(violations.size() <= kLimits.max_violations + 1, "violations are bounded");
    Require(violations.empty() || !DescribeViolations(violations).empty(), "violations can be described");
  }
  return 0;
}
