#include "tool/compiled_schema.h"

#include <utility>

#include "tool/schema_compiler.h"
#include "tool/schema_run.h"

namespace mcpgate {
namespace {

class GraphSchema final : public CompiledSchema {
 public:
  GraphSchema(SchemaGraph graph, SchemaLimits limits) : graph_(std::move(graph)), limits_(limits) {}

  std::vector<SchemaViolation> Validate(const Json& value) const override {
    return SchemaRun(limits_).Check(graph_.nodes.front(), value);
  }

 private:
  const SchemaGraph graph_;
  const SchemaLimits limits_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompiledSchema::Compile(const Json& schema,
                                                                              SchemaLimits limits,
                                                                              const SchemaLookup& lookup) {
  auto graph = SchemaCompiler(schema, limits, lookup).Compile();
  if (!graph.ok()) return graph.status();
  return std::make_shared<const GraphSchema>(*std::move(graph), limits);
}

std::string DescribeViolations(const std::vector<SchemaViolation>& violations) {
  std::string text;
  for (const SchemaViolation& violation : violations) {
    if (!text.empty()) text += '\n';
    text += violation.pointer.empty() ? "at the top level: " : "at " + violation.pointer + ": ";
    text += violation.message;
  }
  return text;
}

}  // namespace mcpgate
