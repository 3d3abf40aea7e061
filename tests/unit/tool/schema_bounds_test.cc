// Hostile schemas and values: each is refused or answered within its bound, measured in operations.
#include <doctest/doctest.h>

#include <string>

#include "tool/compiled_schema.h"
#include "tool/schema_compiler.h"
#include "tool/schema_run.h"

namespace mcpgate {
namespace {

constexpr SchemaLimits kLimits;

std::string RefusalOf(const Json& schema) {
  const auto compiled = CompiledSchema::Compile(schema);
  return compiled.ok() ? "" : std::string(compiled.status().message());
}

// The steps that a validation took, and what it found.
struct Measured {
  std::size_t work;
  std::vector<SchemaViolation> violations;
};

Measured Measure(const Json& schema, const Json& value) {
  const auto graph = SchemaCompiler(schema, kLimits).Compile();
  REQUIRE_MESSAGE(graph.ok(), graph.status().ToString());
  SchemaRun run(kLimits);
  auto violations = run.Check(graph->front(), value);
  return {run.work(), std::move(violations)};
}

bool IsTooComplex(const Measured& measured) {
  return !measured.violations.empty() &&
         measured.violations.back().message.starts_with("is too complex to check");
}

Json NestedArray(int depth) {
  Json value = 1;
  for (int i = 0; i < depth; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(value));
    value = std::move(outer);
  }
  return value;
}

// Each definition asks the next one twice: 2^length leaves.
Json Doubling(const char* keyword, int length, const Json& leaf) {
  Json schema = {{"$ref", "#/$defs/d0"}};
  for (int i = 0; i < length; ++i) {
    const Json next = {{"$ref", "#/$defs/d" + std::to_string(i + 1)}};
    schema["$defs"]["d" + std::to_string(i)][keyword] = Json::array({next, next});
  }
  schema["$defs"]["d" + std::to_string(length)] = leaf;
  return schema;
}

TEST_CASE("a schema nested a hundred thousand deep is refused") {
  Json schema = true;
  for (int i = 0; i < 100'000; ++i) {
    Json outer = Json::object();
    outer["not"] = std::move(schema);
    schema = std::move(outer);
  }
  CHECK(RefusalOf(schema).find("is nested too deeply: at most 64 levels") != std::string::npos);
}

TEST_CASE("subschemas nested deeper than the limit are refused with their place") {
  Json schema = true;
  for (int i = 0; i < 64; ++i) schema = Json{{"not", schema}};
  CHECK(RefusalOf(schema).find("/not/not is nested too deeply: at most 64 levels") != std::string::npos);
  CHECK(RefusalOf(schema["not"]) == "");
}

TEST_CASE("a schema of a hundred thousand nodes is refused") {
  Json schema = {{"allOf", Json::array()}};
  for (int i = 0; i < 100'000; ++i) schema["allOf"].push_back(true);
  CHECK(RefusalOf(schema).find("at most 10000 are accepted") != std::string::npos);
}

TEST_CASE("a long chain of references is refused, a long list of them is not") {
  Json chain = {{"$ref", "#/$defs/d0"}};
  Json list = Json::object();
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = "d" + std::to_string(i);
    chain["$defs"][name] = {{"$ref", "#/$defs/d" + std::to_string(i + 1)}};
    list["properties"][name] = {{"$ref", "#/$defs/one"}};
  }
  chain["$defs"]["d1000"] = true;
  list["$defs"]["one"] = {{"type", "integer"}};
  CHECK(RefusalOf(chain).find("more than 64 subschemas about one value") != std::string::npos);
  CHECK(RefusalOf(list) == "");
}

TEST_CASE("many types that refer to one another through properties are no depth") {
  Json schema = {{"$ref", "#/$defs/d0"}};
  for (int i = 0; i < 500; ++i) {
    schema["$defs"]["d" + std::to_string(i)]["properties"]["next"] = {
        {"$ref", "#/$defs/d" + std::to_string(i + 1)}};
  }
  schema["$defs"]["d500"] = {{"$ref", "#"}};
  CHECK(RefusalOf(schema) == "");
}

TEST_CASE("references that double at each step end at the bound on work") {
  for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
    CAPTURE(keyword);
    const bool wanted = std::string(keyword) == "allOf";
    const Measured measured = Measure(Doubling(keyword, 25, wanted), 1);
    CHECK(IsTooComplex(measured));
    CHECK(measured.work <= kLimits.max_work + 1);
  }
}

TEST_CASE("a run that is cut short inside a negation is not taken for a yes") {
  CHECK(IsTooComplex(
      Measure({{"not", Doubling("allOf", 25, true)}, {"$defs", Doubling("allOf", 25, true)["$defs"]}}, 1)));
}

TEST_CASE("many alternatives that fail deep down are explained within the bound") {
  const Measured measured = Measure(Doubling("anyOf", 10, Json{{"const", 1}}), 2);
  CHECK(measured.violations.size() == 1);
  CHECK(measured.work < 100'000);
}

TEST_CASE("a value as deep as the parser admits is checked against a recursive schema") {
  const Json schema = *ParseJson(R"({"$ref":"#/$defs/n","$defs":{"n":{"anyOf":[{"type":"integer"},
    {"type":"array","items":{"allOf":[{"$ref":"#/$defs/n"}]}}]}}})");
  CHECK(Measure(schema, NestedArray(60)).violations.empty());
}

TEST_CASE("a value deeper than any stack is answered, not followed") {
  const Json deep = NestedArray(200'000);
  CHECK(IsTooComplex(Measure({{"items", {{"$ref", "#"}}}}, deep)));
  CHECK(Measure({{"const", 1}}, deep).violations.size() == 1);
  Json twins = Json::array();
  twins.push_back(NestedArray(200'000));
  twins.push_back(NestedArray(200'000));
  CHECK(IsTooComplex(Measure({{"uniqueItems", true}}, twins)));
}

TEST_CASE("patterns that make other engines run for ever cost what their length says") {
  const std::string text = std::string(100'000, 'a') + "!";
  for (const char* pattern :
       {"^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
    CAPTURE(pattern);
    const Measured measured = Measure({{"pattern", pattern}}, text);
    REQUIRE(measured.violations.size() == 1);
    CHECK(measured.work < 100'000);
  }
}

TEST_CASE("a thousand large patterns are refused together") {
  Json schema = Json::object();
  for (int i = 0; i < 1'000; ++i) {
    schema["properties"]["p" + std::to_string(i)]["pattern"] = "x" + std::to_string(i) + "\\p{L}{20}";
  }
  CHECK(RefusalOf(schema).find("all patterns together are too large") != std::string::npos);
}

TEST_CASE("uniqueness of many items costs about n log n and not n squared") {
  Json items = Json::array();
  for (int i = 0; i < 20'000; ++i) items.push_back((i * 7919) % 20'011);
  const Measured measured = Measure({{"uniqueItems", true}}, items);
  CHECK(measured.violations.empty());
  CHECK(measured.work < 20'000 * 15 * 4);
  items.push_back(0);
  CHECK(Measure({{"uniqueItems", true}}, items).violations.size() == 1);
}

TEST_CASE("uniqueness of a million items is too much work, and said so before it is done") {
  Json items = Json::array();
  for (int i = 0; i < 1'000'000; ++i) items.push_back(i);
  CHECK(IsTooComplex(Measure({{"uniqueItems", true}}, items)));
}

TEST_CASE("items that are large and alike are paid for by their size") {
  const Json big = std::string(1'000'000, 'x');
  Json items = Json::array();
  for (int i = 0; i < 10; ++i) items.push_back(big);
  CHECK(Measure({{"uniqueItems", true}}, items).work > 10 * 15'000);
}

TEST_CASE("a long list of options costs a few comparisons") {
  Json options = Json::array();
  for (int i = 0; i < 20'000; ++i) options.push_back("option-" + std::to_string(i));
  const Measured measured = Measure({{"enum", options}}, "option-17777");
  CHECK(measured.violations.empty());
  CHECK(measured.work < 50);
  const Measured missed = Measure({{"enum", options}}, "no option");
  REQUIRE(missed.violations.size() == 1);
  CHECK(missed.violations[0].message.size() < 1'000);
}

TEST_CASE("a list of names longer than the bound on work is not walked for every value") {
  Json names = Json::array();
  for (int i = 0; i < 1'000; ++i) names.push_back("a");
  const Json schema = {{"items", {{"required", names}}}};
  Json items = Json::array();
  for (int i = 0; i < 100'000; ++i) items.push_back({{"a", 1}});
  CHECK(IsTooComplex(Measure(schema, items)));
}

TEST_CASE("limits given to Compile are the ones that hold") {
  const Json schema = *ParseJson(R"({"items":{"type":"string","maxLength":3}})");
  CHECK_FALSE(CompiledSchema::Compile(schema, {.max_nodes = 1}).ok());
  CHECK_FALSE(CompiledSchema::Compile(schema, {.max_depth = 1}).ok());
  const auto compiled = CompiledSchema::Compile(schema, {.max_work = 5, .max_violations = 2});
  REQUIRE(compiled.ok());
  CHECK((*compiled)->Validate(Json::array({1, 2, 3})).size() == 2);
  CHECK((*compiled)->Validate(Json(std::vector<std::string>(9, "a"))).size() == 1);
}

}  // namespace
}  // namespace mcpgate
