// File: tool/schema_resource.h
//
// What the parts of a schema are called: resources by their URI, subschemas by anchors inside them. Nothing
// is ever fetched; a document is here because the caller holds it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tool/compiled_schema.h"
#include "tool/schema_dialect.h"
#include "tool/schema_node.h"

namespace mcpgate {

struct SchemaAnchor {
  const SchemaNode* node;
  bool is_dynamic;
};

/// A schema with a URI of its own, and what lies inside it up to the next one.
struct SchemaResource {
  std::string uri;  ///< without fragment; "" for a document without `$id`
  const Json* root;
  std::string place;  ///< of `root`, for messages
  Vocabularies vocabularies = kAllVocabularies;
  std::map<std::string, SchemaAnchor, std::less<>> anchors;
};

/// SchemaResources
///
/// Not thread-safe; lives for one compilation. A Status's message continues "/place/keyword …".
class SchemaResources {
 public:
  SchemaResources(const SchemaLimits& limits, SchemaLookup lookup)
      : limits_(limits), lookup_(std::move(lookup)) {}

  /// A document known as `uri`.
  SchemaResource& AddDocument(const Json& root, std::string uri, std::string place);
  /// The resource that `schema`, found in `parent`, becomes by its `$id`; `parent` itself when it is its
  /// root.
  absl::StatusOr<SchemaResource*> Identify(SchemaResource& parent, std::string_view id, const Json& schema,
                                           std::string_view place);
  absl::Status AddAnchor(SchemaResource& resource, const std::string& name, SchemaAnchor anchor);

  SchemaResource* Find(std::string_view uri) const;
  /// Asks the caller. Null when it has none.
  absl::StatusOr<SchemaResource*> Load(std::string_view uri);
  absl::StatusOr<Vocabularies> DialectOf(std::string_view uri) const { return FindDialect(uri, lookup_); }

  const std::deque<SchemaResource>& all() const { return resources_; }

 private:
  absl::Status CountName();

  const SchemaLimits& limits_;
  const SchemaLookup lookup_;
  std::size_t names_ = 0;
  std::size_t documents_ = 0;
  std::deque<SchemaResource> resources_;
  std::map<std::string, SchemaResource*, std::less<>> by_uri_;
  std::unordered_map<const Json*, SchemaResource*> by_root_;
};

}  // namespace mcpgate
