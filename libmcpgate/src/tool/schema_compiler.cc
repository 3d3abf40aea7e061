#include "tool/schema_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/violation_text.h"

namespace mcpgate {
namespace {

// All patterns of one schema together, in RE2 instructions: some 16 MB.
constexpr std::size_t kMaxPatternSize = 1'000'000;

// Of a place in a message that is kept for messages.
constexpr std::size_t kMaxPlace = 500;

// A subschema is one or two levels of JSON inside its parent; the rest is for values of enum, const, default.
constexpr std::size_t kJsonLevels = 3;

bool IsDeeperThan(std::size_t levels, const Json& value) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [levels](const Json& inner) { return IsDeeperThan(levels - 1, inner); });
}

}  // namespace

SchemaCompiler::SchemaCompiler(const Json& document, const SchemaLimits& limits, const SchemaLookup& lookup)
    : document_(document), limits_(limits), resources_(limits, lookup) {}

absl::StatusOr<SchemaGraph> SchemaCompiler::Compile() {
  if (IsTooDeep(document_)) {
    return absl::InvalidArgumentError(
        fmt::format("the schema is nested too deeply: at most {} levels are accepted", limits_.max_depth));
  }
  NodeOf({&document_, &resources_.AddDocument(document_, "", ""), 1}, "");
  Work();
  if (problem_.ok()) SettleDynamicReferences();
  if (problem_.ok()) problem_ = CheckInPlaceDepth(graph_, limits_.max_depth);
  if (!problem_.ok()) return problem_;
  return std::move(graph_);
}

bool SchemaCompiler::IsTooDeep(const Json& document) const {
  return IsDeeperThan(kJsonLevels * limits_.max_depth, document);
}

void SchemaCompiler::Work() {
  while (problem_.ok()) {
    if (!pending_.empty()) {
      const SchemaSource next = pending_.front();
      pending_.pop_front();
      Fill(next);
    } else if (!references_.empty()) {
      PendingReference next = std::move(references_.front());
      references_.pop_front();
      Resolve(std::move(next));
    } else {
      return;
    }
  }
}

const SchemaNode* SchemaCompiler::NodeOf(const SchemaSource& source, std::string place) {
  if (const auto known = nodes_.find(source.schema); known != nodes_.end()) return known->second.node;
  SchemaNode* const refused = graph_.nodes.empty() ? nullptr : &graph_.nodes.front();
  if (graph_.nodes.size() >= limits_.max_nodes) {
    Refuse(place, fmt::format("is one subschema too many: at most {} are accepted", limits_.max_nodes));
    return refused;
  }
  if (source.depth > limits_.max_depth) {
    Refuse(place, fmt::format("is nested too deeply: at most {} levels are accepted", limits_.max_depth));
    return refused;
  }
  SchemaNode* node = &graph_.nodes.emplace_back();
  node->place = Shorten(place, kMaxPlace);
  nodes_.emplace(source.schema, Known{node, source.resource});
  pending_.push_back(source);
  return node;
}

void SchemaCompiler::Fill(const SchemaSource& source) {
  Known& known = nodes_.at(source.schema);
  if (source.schema->is_boolean()) {
    known.node->refuses_all = !*source.schema->get_ptr<const bool*>();
    return;
  }
  if (!source.schema->is_object()) {
    return Refuse(known.node->place,
                  fmt::format("must be a schema (an object, true or false), is {}", Quote(*source.schema)));
  }
  SchemaPart part(*this, source, *known.node);
  ReadIdentity(part);
  known.resource = &part.resource();
  // Neither is ever put to a value; both may hold what has a name.
  part.NamedSubschemas("$defs");
  part.Subschema("contentSchema");
  AddValueChecks(part);
  AddNumberChecks(part);
  AddStringChecks(part);
  AddArrayChecks(part);
  AddObjectChecks(part);
  AddReferences(part);
  AddLogicChecks(part);
  AddRestChecks(part);
}

std::shared_ptr<const SchemaPattern> SchemaCompiler::PatternOf(const std::string& source,
                                                               std::string_view place) {
  if (const auto known = patterns_.find(source); known != patterns_.end()) return known->second;
  if (pattern_size_ > kMaxPatternSize) {
    Refuse(place, "is one pattern too many: all patterns together are too large");
    return nullptr;
  }
  auto pattern = SchemaPattern::Compile(source);
  if (!pattern.ok()) {
    Refuse(place, fmt::format("has the pattern {} which cannot be used: {}", Shorten(source, 100),
                              std::string(pattern.status().message())));
    return nullptr;
  }
  pattern_size_ += (*pattern)->size();
  patterns_.emplace(source, *pattern);
  return *std::move(pattern);
}

void SchemaCompiler::Refuse(std::string_view place, std::string_view what) {
  if (!problem_.ok()) return;
  problem_ = absl::InvalidArgumentError(
      fmt::format("{} {}", place.empty() ? "the top level" : std::string(place), what));
}

}  // namespace mcpgate
