// File: tool/schema_compiler.h
//
// From a schema document to a graph of nodes. Each family of keywords has one function below; a new keyword
// is a check and a line in its family's function.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "tool/compiled_schema.h"
#include "tool/schema_node.h"
#include "tool/schema_pattern.h"
#include "tool/schema_resource.h"

namespace mcpgate {

/// Where a `$ref` or `$dynamicRef` leads. Filled in when every name of the schema is known.
struct SchemaReference {
  const SchemaNode* node = nullptr;
  std::string dynamic_name;  ///< not empty: the outermost resource entered that has this name decides
};

/// A subschema on its way to be a node.
struct SchemaSource {
  const Json* schema;
  SchemaResource* resource;  ///< the one it was found in
  std::size_t depth;
};

/// SchemaCompiler
///
/// Works through a queue, never recursively, so that no document exhausts the stack. The first problem is
/// kept and ends the work. References wait until all that is reachable without them has been read, so that
/// names are known wherever they stand. Not thread-safe; lives for one document.
class MCPGATE_EXPORT SchemaCompiler {
 public:
  SchemaCompiler(const Json& document, const SchemaLimits& limits, const SchemaLookup& lookup = {});

  absl::StatusOr<SchemaGraph> Compile();

  /// The node of `source`, made now, filled later. Never null.
  const SchemaNode* NodeOf(const SchemaSource& source, std::string place);
  /// Fills `slot` later. `reference` and `slot` must live until then.
  void Refer(SchemaReference& slot, std::string_view reference, const SchemaSource& from, std::string place,
             bool is_dynamic);
  /// Equal patterns are compiled once.
  std::shared_ptr<const SchemaPattern> PatternOf(const std::string& source, std::string_view place);
  void Refuse(std::string_view place, std::string_view what);
  SchemaResources& resources() { return resources_; }

 private:
  struct Known {
    SchemaNode* node;
    SchemaResource* resource;  // the one it belongs to, which its own $id may have made
  };
  struct PendingReference {
    SchemaReference* slot;
    std::string_view text;
    SchemaResource* from;
    std::string place;
    bool is_dynamic;
  };

  bool IsTooDeep(const Json& document) const;
  void Work();
  void Fill(const SchemaSource& source);
  void Resolve(PendingReference reference);
  SchemaResource* ResourceNamed(std::string_view uri, const PendingReference& reference);
  void ResolveAnchor(const PendingReference& reference, const SchemaResource& resource,
                     std::string_view name);
  void ResolvePointer(const PendingReference& reference, SchemaResource& resource,
                      const std::string& pointer);
  void SettleDynamicReferences();

  const Json& document_;
  const SchemaLimits& limits_;
  absl::Status problem_;
  SchemaResources resources_;
  SchemaGraph graph_;
  std::unordered_map<const Json*, Known> nodes_;
  std::deque<SchemaSource> pending_;
  std::deque<PendingReference> references_;
  std::vector<SchemaReference*> dynamic_references_;
  std::map<std::string, std::shared_ptr<const SchemaPattern>, std::less<>> patterns_;
  std::size_t pattern_size_ = 0;
};

/// SchemaPart
///
/// One schema object while its node is filled: checked reads of its keywords. A read answers nothing when the
/// keyword is absent or malformed; the latter is kept as the compiler's problem.
class SchemaPart {
 public:
  SchemaPart(SchemaCompiler& compiler, const SchemaSource& source, SchemaNode& node)
      : compiler_(compiler), source_(source), node_(node) {}

  /// Null also for a keyword that the dialect gives no meaning.
  const Json* Find(std::string_view keyword) const;
  std::string Place(std::string_view keyword) const;
  void Refuse(std::string_view keyword, std::string_view what) { compiler_.Refuse(Place(keyword), what); }

  std::optional<std::size_t> Count(std::string_view keyword);
  std::optional<Json> Number(std::string_view keyword);
  const std::string* Text(std::string_view keyword);
  std::optional<bool> Flag(std::string_view keyword);
  std::optional<std::vector<std::string>> Names(std::string_view keyword);
  std::shared_ptr<const SchemaPattern> Pattern(std::string_view keyword, const std::string& source);
  const SchemaNode* Subschema(std::string_view keyword);
  std::vector<const SchemaNode*> Subschemas(std::string_view keyword);
  /// In the order of their names.
  std::vector<std::pair<std::string, const SchemaNode*>> NamedSubschemas(std::string_view keyword);
  /// Fills `slot`, which must stay where it is, when the schema has been read.
  void Refer(std::string_view keyword, SchemaReference& slot, bool is_dynamic);
  /// The arrays of names under a keyword that holds an object of them.
  std::vector<std::pair<std::string, std::vector<std::string>>> NamedNames(std::string_view keyword);
  /// The keyword's value as short text, for messages.
  std::string Excerpt(std::string_view keyword) const;

  SchemaNode& node() { return node_; }
  SchemaResource& resource() { return *source_.resource; }
  SchemaResources& resources() { return compiler_.resources(); }
  bool IsResourceRoot() const { return source_.resource->root == source_.schema; }
  /// Becomes part of the resource that its `$id` makes it.
  void Identify(const std::string& id);
  template <typename Check, typename... Args>
  Check& Add(Args&&... args) {
    auto check = std::make_unique<Check>(std::forward<Args>(args)...);
    Check& added = *check;
    node_.checks.push_back(std::move(check));
    return added;
  }

 private:
  const SchemaNode* NodeOf(const Json& schema, std::string place);

  SchemaCompiler& compiler_;
  SchemaSource source_;
  SchemaNode& node_;
};

void ReadIdentity(SchemaPart& part);     ///< $id, $schema, $anchor, $dynamicAnchor, $vocabulary
void AddValueChecks(SchemaPart& part);   ///< type, enum, const
void AddNumberChecks(SchemaPart& part);  ///< multipleOf, maximum, …
void AddStringChecks(SchemaPart& part);  ///< maxLength, minLength, pattern
void AddArrayChecks(SchemaPart& part);   ///< prefixItems, items, contains, …
void AddObjectChecks(SchemaPart& part);  ///< properties, required, …
void AddLogicChecks(SchemaPart& part);   ///< allOf, anyOf, oneOf, not, if
void AddReferences(SchemaPart& part);    ///< $ref, $dynamicRef
void AddRestChecks(SchemaPart& part);    ///< unevaluatedItems, unevaluatedProperties; after all others

/// Whether a value could be put to more than `max_depth` nodes inside one another without going down into it;
/// a cycle of references could do so for ever. InvalidArgument names the place.
absl::Status CheckInPlaceDepth(const SchemaGraph& graph, std::size_t max_depth);

}  // namespace mcpgate
