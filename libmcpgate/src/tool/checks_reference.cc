// $ref, $dynamicRef.
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"

namespace mcpgate {
namespace {

class ReferenceCheck final : public SchemaCheck {
 public:
  SchemaReference& target() { return target_; }

  bool Passes(const Json& value, SchemaRun& run) const override {
    const SchemaNode* node = target_.dynamic_name.empty() ? nullptr : run.InScope(target_.dynamic_name);
    return run.Fits(node == nullptr ? *target_.node : *node, value);
  }
  // Where a dynamic reference leads depends on the way to it. A cycle of these ends at the bound on depth of
  // a run.
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override {
    if (target_.dynamic_name.empty()) nodes.push_back(target_.node);
  }

 private:
  SchemaReference target_;
};

}  // namespace

void AddReferences(SchemaPart& part) {
  if (part.Text("$ref") != nullptr) part.Refer("$ref", part.Add<ReferenceCheck>().target(), false);
  if (part.Text("$dynamicRef") != nullptr) {
    part.Refer("$dynamicRef", part.Add<ReferenceCheck>().target(), true);
  }
}

}  // namespace mcpgate
