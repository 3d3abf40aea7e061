// Random small schemas against random small values: nothing crashes, the verdict does not depend on how it is
// asked, and a part of the language is compared with a naive reading of the specification.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "tool/compiled_schema.h"
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"
#include "unit/tool/dice.h"

namespace mcpgate {
namespace {

constexpr const char* kNames[] = {"a", "b", "c", "ab"};

Json RandomScalar(Dice& dice) {
  const Json scalars[] = {nullptr,
                          true,
                          false,
                          0,
                          1,
                          -1,
                          2,
                          7,
                          1.0,
                          1.5,
                          -0.5,
                          1e300,
                          9007199254740993,
                          "",
                          "a",
                          "ab",
                          "\xc3\xa9",
                          std::uint64_t{18446744073709551615u}};
  return dice.Pick(scalars);
}

Json RandomValue(Dice& dice, int depth) {
  const int kind = depth > 0 ? dice.Below(4) : 0;
  if (kind < 2) return RandomScalar(dice);
  Json value = kind == 2 ? Json::array() : Json::object();
  for (int i = dice.Below(4); i > 0; --i) {
    if (kind == 2) {
      value.push_back(RandomValue(dice, depth - 1));
    } else {
      value[dice.Pick(kNames)] = RandomValue(dice, depth - 1);
    }
  }
  return value;
}

Json RandomSchema(Dice& dice, int depth);

Json RandomSchemas(Dice& dice, int depth) {
  Json list = Json::array();
  for (int i = dice.Below(3); i >= 0; --i) list.push_back(RandomSchema(dice, depth - 1));
  return list;
}

Json RandomNamedSchemas(Dice& dice, int depth) {
  Json named = Json::object();
  for (int i = dice.Below(3); i > 0; --i) named[dice.Pick(kNames)] = RandomSchema(dice, depth - 1);
  return named;
}

void AddAssertion(Dice& dice, Json& schema) {
  constexpr const char* kTypes[] = {"null", "boolean", "object", "array", "string", "number", "integer"};
  constexpr const char* kCounts[] = {"minLength",   "maxLength",   "minItems",      "maxItems",
                                     "minContains", "maxContains", "minProperties", "maxProperties"};
  constexpr const char* kNumbers[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};
  constexpr const char* kPatterns[] = {"a", "^a$", "^.$", "[^a]", "\\w+", "("};
  switch (dice.Below(8)) {
    case 0:
      schema["type"] = dice.Pick(kTypes);
      break;
    case 1:
      schema["enum"] = Json::array({RandomValue(dice, 1), RandomValue(dice, 1)});
      break;
    case 2:
      schema["const"] = RandomValue(dice, 1);
      break;
    case 3:
      schema[dice.Pick(kCounts)] = dice.Below(4) - (dice.Below(50) == 0 ? 2 : 0);
      break;
    case 4:
      schema[dice.Pick(kNumbers)] = dice.Below(10) - 5;
      break;
    case 5:
      schema["pattern"] = dice.Below(20) == 0 ? "(" : dice.Pick(kPatterns);
      break;
    case 6:
      schema["required"] = Json::array({dice.Pick(kNames)});
      break;
    default:
      schema["uniqueItems"] = true;
  }
}

void AddName(Dice& dice, Json& schema) {
  constexpr const char* kReferences[] = {"#", "#/properties/a", "#a", "#b", "a", "b/", "a#b", "../b#a"};
  constexpr const char* kIds[] = {"a", "b/", "https://e.org/a", "../b", "urn:x"};
  switch (dice.Below(6)) {
    case 0:
      schema["$anchor"] = dice.Pick(kNames);
      break;
    case 1:
      schema["$dynamicAnchor"] = dice.Pick(kNames);
      break;
    case 2:
      schema["$id"] = dice.Pick(kIds);
      break;
    case 3:
      schema["$dynamicRef"] = dice.Pick(kReferences);
      break;
    default:
      schema["$ref"] = dice.Pick(kReferences);
  }
}

void AddApplicator(Dice& dice, Json& schema, int depth) {
  constexpr const char* kOne[] = {
      "items", "contains", "additionalProperties", "propertyNames",        "not", "if",
      "then",  "else",     "unevaluatedItems",     "unevaluatedProperties"};
  constexpr const char* kLists[] = {"allOf", "anyOf", "oneOf", "prefixItems"};
  constexpr const char* kMaps[] = {"properties", "patternProperties", "dependentSchemas", "$defs"};
  switch (dice.Below(5)) {
    case 0:
      schema[dice.Pick(kOne)] = RandomSchema(dice, depth - 1);
      break;
    case 1:
      schema[dice.Pick(kLists)] = RandomSchemas(dice, depth);
      break;
    case 2:
      schema[dice.Pick(kMaps)] = RandomNamedSchemas(dice, depth);
      break;
    case 3:
      schema[dice.Pick(kOne)] = RandomSchema(dice, depth - 1);
      break;
    default:
      AddName(dice, schema);
  }
}

Json RandomSchema(Dice& dice, int depth) {
  if (dice.Below(12) == 0) return dice.Below(2) == 0;
  Json schema = Json::object();
  for (int i = dice.Below(3); i >= 0; --i) {
    if (depth > 0 && dice.Below(2) == 0) {
      AddApplicator(dice, schema, depth);
    } else {
      AddAssertion(dice, schema);
    }
  }
  return schema;
}

// What it leads to changes when the schema is put inside another.
bool HasReference(const Json& schema) {
  const std::string text = schema.dump();
  return text.find("$ref") != std::string::npos || text.find("$dynamicRef") != std::string::npos;
}

bool Fits(const Json& schema, const Json& value) {
  const auto compiled = CompiledSchema::Compile(schema);
  REQUIRE(compiled.ok());
  return (*compiled)->Validate(value).empty();
}

TEST_CASE("random schemas and values are answered consistently and never crash") {
  Dice dice(Seed(20201212));
  int compiled_count = 0;
  for (int round = 0; round < 2'000; ++round) {
    const Json schema = RandomSchema(dice, 3);
    CAPTURE(schema.dump());
    const auto compiled = CompiledSchema::Compile(schema);
    if (!compiled.ok()) continue;
    ++compiled_count;
    for (int i = 0; i < 4; ++i) {
      const Json value = RandomValue(dice, 3);
      CAPTURE(value.dump());
      const bool fits = (*compiled)->Validate(value).empty();
      // `not` and `anyOf` ask quietly, by another road than the reports do.
      if (HasReference(schema)) continue;
      CHECK(Fits({{"not", schema}}, value) == !fits);
      CHECK(Fits({{"anyOf", Json::array({schema})}}, value) == fits);
      CHECK(Fits({{"items", schema}}, Json::array({value})) == fits);
    }
  }
  CHECK(compiled_count > 500);
}

// Where most names are known, so that references lead somewhere and often back.
Json SchemaOfNames(Dice& dice) {
  Json schema = RandomSchema(dice, 3);
  if (!schema.is_object()) schema = Json::object();
  schema["$id"] = "https://e.org/";
  schema["$defs"] = {{"a", {{"$dynamicAnchor", "a"}}},
                     {"b", {{"$id", "b/"}, {"$defs", {{"x", {{"$dynamicAnchor", "a"}}}}}}},
                     {"c", {{"$id", "a"}, {"$defs", {{"x", {{"$dynamicAnchor", "b"}}}}}}}};
  schema["$defs"]["a"]["items"] = RandomSchema(dice, 1);
  schema["$defs"]["b"]["anyOf"] = Json::array({RandomSchema(dice, 2), RandomSchema(dice, 2)});
  schema["$defs"]["c"]["additionalProperties"] = RandomSchema(dice, 2);
  return schema;
}

TEST_CASE("random names and references stay within every bound") {
  constexpr SchemaLimits kSmall = {.max_nodes = 60, .max_depth = 12, .max_work = 2'000, .max_names = 12};
  const std::uint32_t seed = Seed(9110);
  CAPTURE(seed);
  Dice dice(seed);
  int compiled_count = 0;
  int dynamic_count = 0;
  for (int round = 0; round < 5'000; ++round) {
    const Json schema = SchemaOfNames(dice);
    CAPTURE(schema.dump());
    const auto graph = SchemaCompiler(schema, kSmall).Compile();
    if (!graph.ok()) continue;
    ++compiled_count;
    dynamic_count += graph->scopes.empty() ? 0 : 1;
    CHECK(graph->nodes.size() <= kSmall.max_nodes);
    for (int i = 0; i < 4; ++i) {
      SchemaRun run(kSmall);
      CHECK(run.Check(graph->nodes.front(), RandomValue(dice, 4)).size() <= kSmall.max_violations + 1);
      CHECK(run.work() < kSmall.max_work + 100);
    }
  }
  CHECK(compiled_count > 500);
  CHECK(dynamic_count > 20);
}

// The specification read as plainly as possible, for scalars that double holds exactly.
bool Naive(const Json& schema, const Json& value) {
  const auto number = [](const Json& json) { return json.get<double>(); };
  if (schema.contains("type")) {
    const std::string type = schema["type"];
    const bool whole =
        value.is_number() && number(value) == static_cast<double>(static_cast<long long>(number(value)));
    const bool right = (type == "null" && value.is_null()) || (type == "boolean" && value.is_boolean()) ||
                       (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
                       (type == "integer" && whole) || (type == "array" && value.is_array()) ||
                       (type == "object" && value.is_object());
    if (!right) return false;
  }
  if (schema.contains("enum") && std::none_of(schema["enum"].begin(), schema["enum"].end(),
                                              [&](const Json& option) { return option == value; })) {
    return false;
  }
  if (!value.is_number()) return true;
  if (schema.contains("minimum") && number(value) < number(schema["minimum"])) return false;
  return !schema.contains("maximum") || number(value) <= number(schema["maximum"]);
}

TEST_CASE("types, options and bounds agree with a naive reading of the specification") {
  constexpr const char* kTypes[] = {"null", "boolean", "object", "array", "string", "number", "integer"};
  const Json values[] = {nullptr, true,          false,         0, 0.0, 1, 1.0, -1, 2.5, -2.5, 3, "",
                         "a",     Json::array(), Json::object()};
  Dice dice(Seed(7));
  for (int round = 0; round < 1'000; ++round) {
    Json schema = Json::object();
    if (dice.Below(2) == 0) schema["type"] = dice.Pick(kTypes);
    if (dice.Below(3) == 0)
      schema["enum"] = Json::array({dice.Pick(values), dice.Pick(values), dice.Pick(values)});
    if (dice.Below(2) == 0) schema["minimum"] = (dice.Below(13) - 6) / 2.0;
    if (dice.Below(2) == 0) schema["maximum"] = dice.Below(7) - 3;
    for (const Json& value : values) {
      CAPTURE(schema.dump());
      CAPTURE(value.dump());
      CHECK(Fits(schema, value) == Naive(schema, value));
    }
  }
}

}  // namespace
}  // namespace mcpgate
