// File: tool/schema_node.h
//
// What a schema becomes: nodes, one for each subschema, that hold checks, one for each keyword or family of
// keywords. A node may be reached from many places, and from itself: `$ref` is an edge.
#pragma once

#include <cstdint>
#include <deque>
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

struct SchemaNode {
  std::string place;  ///< JSON pointer into the schema
  std::uint8_t types = kAnyType;
  bool refuses_all = false;  ///< the schema `false`
  std::vector<std::unique_ptr<SchemaCheck>> checks;
};

/// The first node is the root. A deque, because nodes point at one another.
using SchemaGraph = std::deque<SchemaNode>;

}  // namespace mcpgate
