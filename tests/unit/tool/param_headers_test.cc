#include "tool/param_headers.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

Json Property(Json keyword, Json type = "string") {
  return {{"type", std::move(type)}, {"x-mcp-header", std::move(keyword)}};
}
Json Schema(Json properties) { return {{"type", "object"}, {"properties", std::move(properties)}}; }

TEST_CASE("properties of three types are found, nested ones too") {
  const auto found = FindParamHeaders(Schema({{"a", Property("Region")},
                                              {"b", Property("Count", "integer")},
                                              {"c", Schema({{"d", Property("Dry", "boolean")}})}}));
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  CHECK((*found)[0].header == "Mcp-Param-Region");
  CHECK((*found)[0].type == ParamHeader::Type::kString);
  CHECK((*found)[1].type == ParamHeader::Type::kInteger);
  CHECK((*found)[2].path == std::vector<std::string>{"c", "d"});
  CHECK((*found)[2].type == ParamHeader::Type::kBoolean);
}

TEST_CASE("a schema without the keyword has no headers, and a property may have its name") {
  CHECK(FindParamHeaders(Json::object())->empty());
  CHECK(FindParamHeaders(Schema({{"x-mcp-header", {{"type", "string"}}}}))->empty());
  Json example = Schema({{"a", {{"type", "object"}, {"default", {{"x-mcp-header", "No"}}}}}});
  CHECK(FindParamHeaders(example)->empty());
}

TEST_CASE("names that are no header, or are there twice, are refused") {
  for (const Json& keyword : {Json(""), Json("a b"), Json("a:b"), Json("caf\xc3\xa9"), Json("a\n"),
                              Json("a\t"), Json(7), Json(nullptr), Json::array({"A"})}) {
    CAPTURE(keyword.dump());
    CHECK(absl::IsInvalidArgument(FindParamHeaders(Schema({{"a", Property(keyword)}})).status()));
  }
  const Json twice = Schema({{"a", Property("Region")}, {"b", Property("REGION")}});
  CHECK(absl::IsInvalidArgument(FindParamHeaders(twice).status()));
}

TEST_CASE("types whose text is not one of a kind are refused") {
  for (const Json& type : {Json("number"), Json("object"), Json("array"), Json("null"),
                           Json::array({"string", "null"}), Json(nullptr)}) {
    CAPTURE(type.dump());
    CHECK(absl::IsInvalidArgument(FindParamHeaders(Schema({{"a", Property("A", type)}})).status()));
  }
}

TEST_CASE("places that properties alone do not lead to are refused") {
  const Json part = Schema({{"a", Property("A")}});
  for (const char* keyword : {"items", "not", "if", "then", "else", "additionalProperties", "contains"}) {
    CAPTURE(keyword);
    CHECK_FALSE(FindParamHeaders({{"type", "object"}, {keyword, part}}).ok());
  }
  for (const char* keyword : {"allOf", "anyOf", "oneOf", "prefixItems"}) {
    CAPTURE(keyword);
    CHECK_FALSE(FindParamHeaders({{"type", "object"}, {keyword, {part}}}).ok());
  }
  for (const char* keyword : {"$defs", "definitions", "patternProperties", "dependentSchemas"}) {
    CAPTURE(keyword);
    CHECK_FALSE(FindParamHeaders({{"type", "object"}, {keyword, {{"p", part}}}}).ok());
  }
  CHECK_FALSE(FindParamHeaders({{"type", "object"}, {"x-mcp-header", "Root"}}).ok());
}

TEST_CASE("an argument is found by its path, and null or a value in its way is none") {
  const ParamHeader header{.header = "Mcp-Param-A", .path = {"a", "b"}, .type = ParamHeader::Type::kString};
  const Json there = {{"a", {{"b", "x"}}}};
  REQUIRE(FindArgument(header, there) != nullptr);
  CHECK(*FindArgument(header, there) == "x");
  for (const Json& none : {Json::object(), Json{{"a", nullptr}}, Json{{"a", "text"}},
                           Json{{"a", {{"b", nullptr}}}}, Json{{"a", {"b"}}}}) {
    CAPTURE(none.dump());
    CHECK(FindArgument(header, none) == nullptr);
  }
}

}  // namespace
}  // namespace mcpgate
