// properties, patternProperties, additionalProperties, propertyNames, required, dependentRequired,
// dependentSchemas, maxProperties, minProperties.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

using NamedNode = std::pair<std::string, const SchemaNode*>;

struct PatternNode {
  std::shared_ptr<const SchemaPattern> pattern;
  const SchemaNode* node;
};

// The three keywords that share out an object's members among subschemas. Members and `named_` are in the
// same order, so one walk along both serves.
class MembersCheck final : public SchemaCheck {
 public:
  /// `additional` may be null: anything else may be present.
  MembersCheck(std::vector<NamedNode> named, std::vector<PatternNode> patterns, const SchemaNode* additional)
      : named_(std::move(named)), patterns_(std::move(patterns)), additional_(additional) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* members = value.get_ptr<const Json::object_t*>();
    if (members == nullptr) return true;
    Evaluated* const evaluated = run.EvaluatedOf(value);
    return evaluated == nullptr ? Walk<false>(*members, run, nullptr) : Walk<true>(*members, run, evaluated);
  }

 private:
  // Twice, because nearly every object is walked without taking notes.
  template <bool kTakesNotes>
  bool Walk(const Json::object_t& members, SchemaRun& run, Evaluated* evaluated) const {
    bool fits = true;
    auto declared = named_.begin();
    [[maybe_unused]] std::size_t index = 0;
    for (const auto& [name, member] : members) {
      declared =
          std::lower_bound(declared, named_.end(), name,
                           [](const NamedNode& entry, const std::string& key) { return entry.first < key; });
      const bool is_declared = declared != named_.end() && declared->first == name;
      if (is_declared) fits = run.FitsMember(*declared->second, member, name) && fits;
      const bool is_covered = CheckPatterns(name, member, run, fits) || is_declared;
      if (!is_covered && additional_ != nullptr) fits = CheckAdditional(name, member, run) && fits;
      if constexpr (kTakesNotes) {
        if (is_covered || additional_ != nullptr) evaluated->Add(index);
        ++index;
      }
      if (!run.Spend(1) || (!fits && !run.reporting())) return false;
    }
    return fits;
  }

  bool CheckPatterns(const std::string& name, const Json& member, SchemaRun& run, bool& fits) const {
    bool is_covered = false;
    for (const PatternNode& entry : patterns_) {
      if (!run.Spend(entry.pattern->Work(name))) return true;
      if (!entry.pattern->Matches(name)) continue;
      is_covered = true;
      fits = run.FitsMember(*entry.node, member, name) && fits;
    }
    return is_covered;
  }

  bool CheckAdditional(const std::string& name, const Json& member, SchemaRun& run) const {
    if (!additional_->refuses_all) return run.FitsMember(*additional_, member, name);
    return run.Fail([&] { return DescribeUnknown(name); });
  }

  std::string DescribeUnknown(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const NamedNode& entry : named_) names.emplace_back(entry.first);
    const std::string_view nearest = NearestName(name, names);
    std::string text = fmt::format("has the property {} which is not allowed", QuoteName(name));
    if (!nearest.empty()) text += fmt::format("; did you mean {}?", QuoteName(nearest));
    return text;
  }

  const std::vector<NamedNode> named_;
  const std::vector<PatternNode> patterns_;
  const SchemaNode* const additional_;
};

// `required`, and with a trigger one entry of `dependentRequired`.
class RequiredCheck final : public SchemaCheck {
 public:
  explicit RequiredCheck(std::vector<std::string> names, std::optional<std::string> trigger = std::nullopt)
      : names_(std::move(names)), trigger_(std::move(trigger)) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!value.is_object() || (trigger_.has_value() && FindMember(value, *trigger_) == nullptr)) return true;
    if (!run.Spend(names_.size() / 4)) return false;
    bool fits = true;
    for (const std::string& name : names_) {
      if (FindMember(value, name) != nullptr) continue;
      fits = run.Fail([&] { return Describe(name); });
      if (!run.reporting()) break;
    }
    return fits;
  }

 private:
  std::string Describe(const std::string& name) const {
    std::string text = fmt::format("is missing the required property {}", QuoteName(name));
    if (trigger_.has_value()) text += fmt::format(", which must accompany {}", QuoteName(*trigger_));
    return text;
  }

  const std::vector<std::string> names_;
  const std::optional<std::string> trigger_;
};

class DependentSchemaCheck final : public SchemaCheck {
 public:
  DependentSchemaCheck(std::string trigger, const SchemaNode& node)
      : trigger_(std::move(trigger)), node_(node) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    return FindMember(value, trigger_) == nullptr || run.Fits(node_, value);
  }
  void AppendInPlace(std::vector<const SchemaNode*>& nodes) const override { nodes.push_back(&node_); }

 private:
  const std::string trigger_;
  const SchemaNode& node_;
};

class PropertyNamesCheck final : public SchemaCheck {
 public:
  explicit PropertyNamesCheck(const SchemaNode& node) : node_(node) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    const auto* members = value.get_ptr<const Json::object_t*>();
    if (members == nullptr) return true;
    bool fits = true;
    for (const auto& member : *members) {
      const Json name(member.first);
      if (run.FitsQuietly(node_, name)) continue;
      fits = run.Fail([&] {
        return fmt::format("has a property named {}, and a name here {}", QuoteName(member.first),
                           run.WhyNot(node_, name));
      });
      if (!run.reporting()) break;
    }
    return fits;
  }

 private:
  const SchemaNode& node_;
};

class PropertyCountCheck final : public SchemaCheck {
 public:
  PropertyCountCheck(std::size_t bound, bool is_maximum) : bound_(bound), is_maximum_(is_maximum) {}

  bool Passes(const Json& value, SchemaRun& run) const override {
    if (!value.is_object() || (is_maximum_ ? value.size() <= bound_ : value.size() >= bound_)) return true;
    return run.Fail([&] {
      return fmt::format("must have at {} {}, has {}", is_maximum_ ? "most" : "least",
                         Counted(bound_, "property"), value.size());
    });
  }

 private:
  const std::size_t bound_;
  const bool is_maximum_;
};

void AddMembers(SchemaPart& part) {
  auto named = part.NamedSubschemas("properties");
  std::vector<PatternNode> patterns;
  for (const auto& [source, node] : part.NamedSubschemas("patternProperties")) {
    if (auto pattern = part.Pattern("patternProperties", source))
      patterns.push_back({std::move(pattern), node});
  }
  const SchemaNode* additional = part.Subschema("additionalProperties");
  if (named.empty() && patterns.empty() && additional == nullptr) return;
  part.Add<MembersCheck>(std::move(named), std::move(patterns), additional);
}

}  // namespace

void AddObjectChecks(SchemaPart& part) {
  if (const auto bound = part.Count("minProperties")) part.Add<PropertyCountCheck>(*bound, false);
  if (const auto bound = part.Count("maxProperties")) part.Add<PropertyCountCheck>(*bound, true);
  if (auto names = part.Names("required")) part.Add<RequiredCheck>(*std::move(names));
  for (auto& [trigger, names] : part.NamedNames("dependentRequired")) {
    part.Add<RequiredCheck>(std::move(names), trigger);
  }
  AddMembers(part);
  if (const SchemaNode* node = part.Subschema("propertyNames")) part.Add<PropertyNamesCheck>(*node);
  for (auto& [trigger, node] : part.NamedSubschemas("dependentSchemas")) {
    part.Add<DependentSchemaCheck>(trigger, *node);
  }
}

}  // namespace mcpgate
