// unevaluatedItems, unevaluatedProperties: what no other keyword of the schema, or of a subschema that fits
// the same value, has spoken about.
#include <fmt/format.h>

#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

class OtherItemsCheck final : public SchemaCheck {
 public:
  explicit OtherItemsCheck(const SchemaNode& node) : node_(node) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* items = value.get_ptr<const Json::array_t*>();
    Evaluated* evaluated = run.EvaluatedOf(value);
    if (items == nullptr || evaluated == nullptr || evaluated->is_unsure()) return true;
    bool fits = true;
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (!run.Spend(1)) return false;
      if (evaluated->Has(i)) continue;
      evaluated->Add(i);
      fits = CheckItem((*items)[i], i, run) && fits;
      if (!fits && !run.reporting()) return false;
    }
    return fits;
  }

 private:
  bool CheckItem(const Json& item, std::size_t index, SchemaRun& run) const {
    if (!node_.refuses_all) return run.FitsItem(node_, item, index);
    return run.Fail([&] { return fmt::format("has the item {}, which is not allowed", index); });
  }

  const SchemaNode& node_;
};

class OtherPropertiesCheck final : public SchemaCheck {
 public:
  explicit OtherPropertiesCheck(const SchemaNode& node) : node_(node) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* members = value.get_ptr<const Json::object_t*>();
    Evaluated* evaluated = run.EvaluatedOf(value);
    if (members == nullptr || evaluated == nullptr || evaluated->is_unsure()) return true;
    bool fits = true;
    std::size_t index = 0;
    for (const auto& [name, member] : *members) {
      const std::size_t at = index++;
      if (!run.Spend(1)) return false;
      if (evaluated->Has(at)) continue;
      evaluated->Add(at);
      fits = CheckMember(name, member, run) && fits;
      if (!fits && !run.reporting()) return false;
    }
    return fits;
  }

 private:
  bool CheckMember(const std::string& name, const Json& member, SchemaRun& run) const {
    if (!node_.refuses_all) return run.FitsMember(node_, member, name);
    return run.Fail([&] { return fmt::format("has the property {} which is not allowed", QuoteName(name)); });
  }

  const SchemaNode& node_;
};

}  // namespace

void AddRestChecks(SchemaPart& part) {
  if (const SchemaNode* node = part.Subschema("unevaluatedItems")) part.Add<OtherItemsCheck>(*node);
  if (const SchemaNode* node = part.Subschema("unevaluatedProperties")) part.Add<OtherPropertiesCheck>(*node);
  if (part.Find("unevaluatedItems") == nullptr && part.Find("unevaluatedProperties") == nullptr) return;
  part.node().judges_rest = true;
  part.node().is_plain = false;
}

}  // namespace mcpgate
