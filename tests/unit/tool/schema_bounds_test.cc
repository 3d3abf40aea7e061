// Hostile schemas and values: each is refused or answered within its bound, measured in operations.
#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

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
  auto violations = run.Check(graph->nodes.front(), value);
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
  CHECK(IsTooComplex(Measure({{"unevaluatedItems", {{"$ref", "#"}}}}, deep)));
  CHECK(IsTooComplex(Measure({{"items", {{"anyOf", Json::array({{{"$ref", "#"}}})}}},
                              {"allOf", Json::array({true})},
                              {"unevaluatedItems", false}},
                             deep)));
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

// `length` resources, each inside the last, each with the dynamic anchor "next" on what the last asks for.
Json DynamicRing(int length) {
  Json schema = {{"$id", "https://e.org/0"}, {"$ref", "1"}, {"$defs", Json::object()}};
  schema["$defs"]["start"] = {{"$dynamicAnchor", "next"}, {"$ref", "1"}};
  for (int i = 1; i <= length; ++i) {
    const std::string name = std::to_string(i);
    schema["$defs"][name] = {{"$id", name},
                             {"$dynamicRef", "#next"},
                             {"$defs", {{"end", {{"$dynamicAnchor", "next"}, {"type", "null"}}}}}};
  }
  return schema;
}

TEST_CASE("dynamic references that lead back to themselves end at the bound on depth") {
  CHECK(IsTooComplex(Measure(DynamicRing(1), 1)));
  CHECK(IsTooComplex(Measure(DynamicRing(50), Json{{"a", 1}})));
  Json doubled = DynamicRing(1);
  doubled["$defs"]["1"]["allOf"] = Json::array({{{"$dynamicRef", "#next"}}, {{"$dynamicRef", "#next"}}});
  CHECK(IsTooComplex(Measure(doubled, 1)));
  CHECK(RefusalOf({{"$dynamicAnchor", "a"}, {"$dynamicRef", "#a"}}).find("without end") != std::string::npos);
}

TEST_CASE("a recursive value under a dynamic reference is followed as far as the parser admits it") {
  const Json tree = *ParseJson(R"({"$id":"https://e.org/strict","$dynamicAnchor":"node","$ref":"tree",
    "unevaluatedProperties":false,"$defs":{"tree":{"$id":"tree","$dynamicAnchor":"node","type":"object",
    "properties":{"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}}})");
  Json value = Json::object();
  for (int i = 0; i < 30; ++i) value = Json{{"children", Json::array({value})}};
  CHECK(Measure(tree, value).violations.empty());
  Json* leaf = &value;
  while (leaf->contains("children")) leaf = &(*leaf)["children"][0];
  (*leaf)["daat"] = 1;
  const Measured measured = Measure(tree, value);
  REQUIRE(measured.violations.size() == 1);
  CHECK(measured.violations[0].message == "has the property 'daat' which is not allowed");
  CHECK(measured.violations[0].pointer.ends_with("/children/0"));
}

TEST_CASE("resources nested deeper than the limit are refused, and so are thousands of names") {
  Json nested = true;
  for (int i = 0; i < 80; ++i) nested = Json{{"$id", "a/"}, {"not", nested}};
  CHECK(RefusalOf(nested).find("is nested too deeply") != std::string::npos);
  Json anchors = Json::object();
  Json ids = Json::object();
  for (int i = 0; i < 5'000; ++i) {
    const std::string name = "n" + std::to_string(i);
    anchors["$defs"][name]["$anchor"] = name;
    ids["$defs"][name]["$id"] = name;
  }
  CHECK(RefusalOf(anchors).find("/$anchor is one name too many: at most 1000") != std::string::npos);
  CHECK(RefusalOf(ids).find("/$id is one name too many: at most 1000") != std::string::npos);
}

TEST_CASE("a long identifier is not copied into every other") {
  CHECK(RefusalOf({{"$id", "https://e.org/" + std::string(1'000'000, 'a')}}).starts_with("/$id is too long"));
  Json nested = true;
  for (int i = 0; i < 30; ++i) nested = Json{{"$id", std::string(200, 'a') + "/"}, {"not", nested}};
  CHECK(RefusalOf(nested).find("$id is too long: at most 2000 bytes with its base") != std::string::npos);
}

TEST_CASE("documents that lead to ever more documents come to an end") {
  std::deque<Json> made;
  int asked = 0;
  const SchemaLookup endless = [&](std::string_view) {
    ++asked;
    return &made.emplace_back(Json{{"items", {{"$ref", "https://e.org/" + std::to_string(asked)}}}});
  };
  const auto compiled = CompiledSchema::Compile({{"$ref", "https://e.org/0"}}, {}, endless);
  REQUIRE_FALSE(compiled.ok());
  CHECK(std::string(compiled.status().message()).find("one document too many: at most 100") !=
        std::string::npos);
  CHECK(asked == 101);
  Json deep = true;
  for (int i = 0; i < 100'000; ++i) {
    Json outer = Json::object();
    outer["not"] = std::move(deep);
    deep = std::move(outer);
  }
  const SchemaLookup bottomless = [&](std::string_view) { return &deep; };
  CHECK_FALSE(CompiledSchema::Compile({{"$ref", "https://e.org/0"}}, {}, bottomless).ok());
}

TEST_CASE("a document known by two names is read once") {
  const Json document = {{"$anchor", "a"}, {"type", "null"}};
  const SchemaLookup lookup = [&](std::string_view) { return &document; };
  const Json schema = {{"allOf", Json::array({{{"$ref", "urn:a"}}, {{"$ref", "urn:b#a"}}})}};
  const auto compiled = CompiledSchema::Compile(schema, {}, lookup);
  REQUIRE_MESSAGE(compiled.ok(), compiled.status().ToString());
  CHECK((*compiled)->Validate(1).size() == 2);
}

TEST_CASE("judging the rest over references costs what the value's size says") {
  Json schema = *ParseJson(R"({"$ref":"#/$defs/n","$defs":{"n":{"unevaluatedProperties":false,
    "properties":{"next":{"$ref":"#"}},"anyOf":[{"$ref":"#/$defs/m"},{"$ref":"#/$defs/m"}]},
    "m":{"unevaluatedProperties":{"type":"integer"},"patternProperties":{"^a":true}}}})");
  Json value = Json::object();
  for (int i = 0; i < 1'000; ++i) value["a" + std::to_string(i)] = i;
  value = Json{{"next", std::move(value)}};
  CHECK(RefusalOf({{"unevaluatedProperties", false}, {"$ref", "#"}}).find("without end") !=
        std::string::npos);
  const Measured measured = Measure(schema, value);
  CHECK_FALSE(IsTooComplex(measured));
  CHECK(measured.work < 30'000);
}

TEST_CASE("notes on a large value are paid for at every level that takes them") {
  Json schema = true;
  for (int i = 0; i < 60; ++i) {
    schema = Json{{"unevaluatedItems", true}, {"allOf", Json::array({std::move(schema)})}};
  }
  CHECK(IsTooComplex(Measure(schema, Json(std::vector<int>(100'000, 1)))));
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
