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

namespace mcpgate {

/// SchemaCompiler
///
/// Works through a queue, never recursively, so that no document exhausts the stack. The first problem is
/// kept and ends the work. Not thread-safe; lives for one document.
class MCPGATE_EXPORT SchemaCompiler {
 public:
  SchemaCompiler(const Json& document, const SchemaLimits& limits);

  absl::StatusOr<SchemaGraph> Compile();

  /// The node of `schema`, which is part of the document; made now, filled later. Never null.
  const SchemaNode* NodeOf(const Json& schema, std::string place, std::size_t depth);
  /// The node that a `$ref` means; null, with a problem, when there is none.
  const SchemaNode* Resolve(std::string_view reference, std::string_view place);
  /// Equal patterns are compiled once.
  std::shared_ptr<const SchemaPattern> PatternOf(const std::string& source, std::string_view place);
  void Refuse(std::string_view place, std::string_view what);

 private:
  struct Pending {
    const Json* schema;
    SchemaNode* node;
    std::size_t depth;
  };

  void Fill(const Pending& pending);

  const Json& document_;
  const SchemaLimits& limits_;
  absl::Status problem_;
  SchemaGraph graph_;
  std::unordered_map<const Json*, SchemaNode*> nodes_;
  std::deque<Pending> pending_;
  std::map<std::string, std::shared_ptr<const SchemaPattern>, std::less<>> patterns_;
  std::size_t pattern_size_ = 0;
};

/// SchemaPart
///
/// One schema object while its node is filled: checked reads of its keywords. A read answers nothing when the
/// keyword is absent or malformed; the latter is kept as the compiler's problem.
class SchemaPart {
 public:
  SchemaPart(SchemaCompiler& compiler, const Json& schema, SchemaNode& node, std::size_t depth)
      : compiler_(compiler), schema_(schema), node_(node), depth_(depth) {}

  const Json* Find(std::string_view keyword) const { return FindMember(schema_, keyword); }
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
  const SchemaNode* Reference(std::string_view keyword);
  /// The arrays of names under a keyword that holds an object of them.
  std::vector<std::pair<std::string, std::vector<std::string>>> NamedNames(std::string_view keyword);
  /// The keyword's value as short text, for messages.
  std::string Excerpt(std::string_view keyword) const;

  SchemaNode& node() { return node_; }
  template <typename Check, typename... Args>
  void Add(Args&&... args) {
    node_.checks.push_back(std::make_unique<Check>(std::forward<Args>(args)...));
  }

 private:
  SchemaCompiler& compiler_;
  const Json& schema_;
  SchemaNode& node_;
  const std::size_t depth_;
};

void AddValueChecks(SchemaPart& part);   ///< type, enum, const
void AddNumberChecks(SchemaPart& part);  ///< multipleOf, maximum, …
void AddStringChecks(SchemaPart& part);  ///< maxLength, minLength, pattern
void AddArrayChecks(SchemaPart& part);   ///< prefixItems, items, contains, …
void AddObjectChecks(SchemaPart& part);  ///< properties, required, …
void AddLogicChecks(SchemaPart& part);   ///< $ref, allOf, anyOf, oneOf, not, if

/// Whether a value could be put to more than `max_depth` nodes inside one another without going down into it;
/// a cycle of references could do so for ever. InvalidArgument names the place.
absl::Status CheckInPlaceDepth(const SchemaGraph& graph, std::size_t max_depth);

}  // namespace mcpgate
