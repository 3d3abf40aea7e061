#include "tool/schema_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tool/schema_reference.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";

// All patterns of one schema together, in RE2 instructions: some 16 MB.
constexpr std::size_t kMaxPatternSize = 1'000'000;

// Of a place in a message that is kept for messages.
constexpr std::size_t kMaxPlace = 500;

// A subschema is one or two levels of JSON inside its parent; the rest is for values of enum, const, default.
constexpr std::size_t kJsonLevels = 3;

// Keywords that change what a schema means and are not implemented. Every other unknown keyword is an
// annotation (JSON Schema core, 6.5).
constexpr std::string_view kNotYet[] = {"$anchor",     "$dynamicAnchor",   "$dynamicRef",
                                        "$vocabulary", "unevaluatedItems", "unevaluatedProperties"};

void RefuseWhatIsNotThere(SchemaPart& part, bool is_root) {
  for (const std::string_view keyword : kNotYet) {
    if (part.Find(keyword) != nullptr) part.Refuse(keyword, "is not supported yet");
  }
  if (part.Text("$id") != nullptr && !is_root) {
    part.Refuse("$id", "is supported only at the root, not inside a subschema");
  }
  const std::string* dialect = part.Text("$schema");
  if (dialect != nullptr && *dialect != kDialect && *dialect != std::string(kDialect) + "#") {
    part.Refuse("$schema", fmt::format("names the dialect {}: dialect not supported, only {} is",
                                       Shorten(*dialect, 100), kDialect));
  }
}

bool IsDeeperThan(std::size_t levels, const Json& value) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [levels](const Json& inner) { return IsDeeperThan(levels - 1, inner); });
}

}  // namespace

SchemaCompiler::SchemaCompiler(const Json& document, const SchemaLimits& limits)
    : document_(document), limits_(limits) {}

absl::StatusOr<SchemaGraph> SchemaCompiler::Compile() {
  if (IsDeeperThan(kJsonLevels * limits_.max_depth, document_)) {
    return absl::InvalidArgumentError(
        fmt::format("the schema is nested too deeply: at most {} levels are accepted", limits_.max_depth));
  }
  NodeOf(document_, "", 1);
  while (!pending_.empty() && problem_.ok()) {
    const Pending next = pending_.front();
    pending_.pop_front();
    Fill(next);
  }
  if (problem_.ok()) problem_ = CheckInPlaceDepth(graph_, limits_.max_depth);
  if (!problem_.ok()) return problem_;
  return std::move(graph_);
}

const SchemaNode* SchemaCompiler::NodeOf(const Json& schema, std::string place, std::size_t depth) {
  if (const auto known = nodes_.find(&schema); known != nodes_.end()) return known->second;
  if (graph_.size() >= limits_.max_nodes) {
    Refuse(place, fmt::format("is one subschema too many: at most {} are accepted", limits_.max_nodes));
    return &graph_.front();
  }
  if (depth > limits_.max_depth) {
    Refuse(place, fmt::format("is nested too deeply: at most {} levels are accepted", limits_.max_depth));
    return &graph_.front();
  }
  SchemaNode* node = &graph_.emplace_back();
  node->place = Shorten(place, kMaxPlace);
  nodes_.emplace(&schema, node);
  pending_.push_back({&schema, node, depth});
  return node;
}

void SchemaCompiler::Fill(const Pending& pending) {
  if (pending.schema->is_boolean()) {
    pending.node->refuses_all = !*pending.schema->get_ptr<const bool*>();
    return;
  }
  if (!pending.schema->is_object()) {
    return Refuse(pending.node->place,
                  fmt::format("must be a schema (an object, true or false), is {}", Quote(*pending.schema)));
  }
  SchemaPart part(*this, *pending.schema, *pending.node, pending.depth);
  RefuseWhatIsNotThere(part, pending.schema == &document_);
  part.NamedSubschemas("$defs");
  AddValueChecks(part);
  AddNumberChecks(part);
  AddStringChecks(part);
  AddArrayChecks(part);
  AddObjectChecks(part);
  AddLogicChecks(part);
}

const SchemaNode* SchemaCompiler::Resolve(std::string_view reference, std::string_view place) {
  const auto target = FindReferenced(document_, reference);
  if (!target.ok()) {
    Refuse(place, std::string(target.status().message()));
    return nullptr;
  }
  return NodeOf(*target->schema, target->place, 1);
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
