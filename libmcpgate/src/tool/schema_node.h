// File: tool/schema_node.h
//
// What a schema becomes: nodes, one for each subschema, that hold checks, one for each keyword or family of
// keywords. A node may be reached from many places, and from itself: `$ref` is an edge.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mcpgate/json.h"

namespace mcpgate {

class SchemaRun;
struct SchemaNode;

/// A set of JSON types. `kNumber` includes kInteger.
enum JsonTypes : std::uint8_t {
  kAnyType = 0,
  kNull = 1,
  kBoolean = 2,
  kObject = 4,
  kArray = 8,
  kString = 16,
  kInteger = 32,
  kFraction = 64,
  kNumber = kInteger | kFraction,
};

/// SchemaCheck
///
/// What one keyword asks of a value. Immutable; safe for concurrent use.
class SchemaCheck {
 public:
  virtual ~SchemaCheck() = default;
  /// False after `run.Fail(...)`, or because the run has stopped.
  virtual bool Passes(const Json& value, SchemaRun& run) const = 0;
  /// The nodes that the same value is put to: a cycle of these would never end.
  virtual void AppendInPlace(std::vector<const SchemaNode*>&) const {}
};

/// The dynamic anchors of one resource, by name.
using SchemaScope = std::map<std::string, const SchemaNode*, std::less<>>;

/// What every validation reads comes first.
struct SchemaNode {
  std::uint8_t types = kAnyType;
  bool refuses_all = false;  ///< the schema `false`
  bool is_plain = true;      ///< neither of the next two
  bool judges_rest = false;  ///< has unevaluatedItems or unevaluatedProperties
  std::vector<std::unique_ptr<SchemaCheck>> checks;
  const SchemaScope* scope = nullptr;  ///< of its resource; null when no reference could mind
  std::string place;  ///< JSON pointer into the schema; after "uri#" when in another document
};

/// The first node is the root. Deques, because what is in them is pointed at.
struct SchemaGraph {
  std::deque<SchemaNode> nodes;
  std::deque<SchemaScope> scopes;
};

}  // namespace mcpgate
