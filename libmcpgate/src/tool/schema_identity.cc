// $id, $schema, $anchor, $dynamicAnchor, $vocabulary: what a schema is called and in which language it is
// written.
#include <fmt/format.h>

#include <algorithm>

#include "tool/schema_compiler.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

void ReadDialect(SchemaPart& part) {
  const std::string* uri = part.Text("$schema");
  if (uri == nullptr) return;
  const auto dialect = part.resources().DialectOf(*uri);
  if (!dialect.ok()) return part.Refuse("$schema", std::string(dialect.status().message()));
  // Elsewhere it is out of place (core 8.1.1) and changes nothing.
  if (part.IsResourceRoot()) part.resource().vocabularies = *dialect;
}

void ReadAnchor(SchemaPart& part, std::string_view keyword, bool is_dynamic) {
  const std::string* name = part.Text(keyword);
  if (name == nullptr) return;
  const absl::Status added = part.resources().AddAnchor(part.resource(), *name, {&part.node(), is_dynamic});
  if (!added.ok()) part.Refuse(keyword, std::string(added.message()));
}

// It speaks to who uses this schema as a meta-schema, so only its form matters here.
void CheckVocabularies(SchemaPart& part) {
  const Json* listed = part.Find("$vocabulary");
  if (listed == nullptr) return;
  const bool fits = listed->is_object() && std::all_of(listed->begin(), listed->end(),
                                                       [](const Json& value) { return value.is_boolean(); });
  if (!fits) {
    part.Refuse("$vocabulary", fmt::format("must be an object of true and false, is {}", Quote(*listed)));
  }
}

}  // namespace

void ReadIdentity(SchemaPart& part) {
  if (const std::string* id = part.Text("$id")) part.Identify(*id);
  ReadDialect(part);
  CheckVocabularies(part);
  ReadAnchor(part, "$anchor", false);
  ReadAnchor(part, "$dynamicAnchor", true);
}

}  // namespace mcpgate
