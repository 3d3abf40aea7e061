// Schemas that are refused at registration, and the words for it.
#include <doctest/doctest.h>

#include <string>

#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

struct Row {
  std::string schema;
  std::string said;  // how the message begins
};

template <std::size_t kSize>
void CheckRows(const Row (&rows)[kSize]) {
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    const auto schema = ParseJson(row.schema);
    REQUIRE(schema.ok());
    const auto compiled = CompiledSchema::Compile(*schema);
    REQUIRE_FALSE(compiled.ok());
    CHECK(absl::IsInvalidArgument(compiled.status()));
    INFO(compiled.status().ToString());
    CHECK(std::string(compiled.status().message()).starts_with(row.said));
  }
}

TEST_CASE("names that are malformed, or given twice, are refused with their place") {
  const Row rows[] = {
      {R"({"$anchor":"1a"})",
       R"(/$anchor must be a letter or _ and then letters, digits, _ - or ., is "1a")"},
      {R"({"items":{"$dynamicAnchor":"a b"}})", "/items/$dynamicAnchor must be a letter or _"},
      {R"({"$anchor":5})", "/$anchor must be a string, is 5"},
      {R"({"$anchor":"a","items":{"$anchor":"a"}})",
       "/items/$anchor is 'a', which the top level is called already"},
      {R"({"allOf":[{"$dynamicAnchor":"a"},{"$anchor":"a"}]})",
       "/allOf/1/$anchor is 'a', which /allOf/0 is called already"},
      {R"({"$id":"https://e.org/a","$defs":{"a":{"$id":"a"}}})",
       "/$defs/a/$id is https://e.org/a, which the top level is called already"},
      {R"({"$defs":{"a":{"$id":"urn:x"},"b":{"$id":"urn:x"}}})",
       "/$defs/b/$id is urn:x, which /$defs/a is called already"},
      {R"({"$id":"https://e.org/a#b"})", "/$id must have no fragment"},
      {R"({"$defs":{"a":{"$id":5}}})", "/$defs/a/$id must be a string, is 5"},
      {R"({"$vocabulary":{"urn:x":1}})", "/$vocabulary must be an object of true and false"},
      {R"({"$vocabulary":[]})", "/$vocabulary must be an object of true and false, is an empty array"},
  };
  CheckRows(rows);
}

TEST_CASE("malformed keywords about the rest and dynamic references are refused") {
  const Row rows[] = {
      {R"({"unevaluatedItems":5})", "/unevaluatedItems must be a schema (an object, true or false), is 5"},
      {R"({"properties":{"a/b":{"unevaluatedProperties":null}}})",
       "/properties/a~1b/unevaluatedProperties must be a schema"},
      {R"({"$dynamicRef":5})", "/$dynamicRef must be a string, is 5"},
      {R"({"items":{"$dynamicRef":"#a"}})", "/items/$dynamicRef refers to #a, but there is no such $anchor"},
      {R"({"$dynamicRef":"urn:x#a"})", "/$dynamicRef refers to urn:x#a, which is outside this document"},
      {R"({"$ref":"#/x","x":{"items":{"$anchor":""}}})", "/x/items/$anchor must be a letter or _"},
  };
  CheckRows(rows);
}

TEST_CASE("a property that bears a keyword's name is only a property") {
  const Json schema = *ParseJson(R"({"properties":{"$anchor":true,"unevaluatedItems":true,"$id":true}})");
  CHECK(CompiledSchema::Compile(schema).ok());
}

TEST_CASE("other dialects are refused and 2020-12 is taken") {
  const Row rows[] = {
      {R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
       "/$schema names the dialect http://json-schema.org/draft-07/schema#: dialect not supported, only "
       "https"},
      {R"({"$schema":5})", "/$schema must be a string, is 5"},
  };
  CheckRows(rows);
  CHECK(CompiledSchema::Compile({{"$schema", "https://json-schema.org/draft/2020-12/schema"}}).ok());
}

TEST_CASE("references that leave the document or lead nowhere are refused") {
  const Row rows[] = {
      {R"({"$ref":"https://example.org/x"})",
       "/$ref refers to https://example.org/x, which is outside this document"},
      {R"({"$ref":"other.json#/a"})", "/$ref refers to other.json#/a, which is outside this document"},
      {R"({"$ref":"file:///etc/passwd"})",
       "/$ref refers to file:///etc/passwd, which is outside this document"},
      {R"({"$ref":"#name"})", "/$ref refers to #name, but there is no such $anchor"},
      {R"({"$ref":"#/$defs/none"})", "/$ref refers to #/$defs/none, which does not exist"},
      {R"({"$ref":"#/allOf/1","allOf":[true]})", "/$ref refers to #/allOf/1, which does not exist"},
      {R"({"$ref":"#/allOf/00","allOf":[true]})", "/$ref refers to #/allOf/00, which does not exist"},
      {R"({"$ref":"#/a~2b","a~2b":true})", "/$ref refers to #/a~2b, which does not exist"},
      {R"({"$ref":"#/%2"})", "/$ref refers to #/%2, whose percent-encoding is broken"},
      {R"({"$ref":"#/x","x":5})", "/x must be a schema (an object, true or false), is 5"},
      {R"({"$ref":5})", "/$ref must be a string, is 5"},
  };
  CheckRows(rows);
}

TEST_CASE("references that lead back to themselves are refused") {
  const Row rows[] = {
      {R"({"$ref":"#"})", "the schema at the top level asks"},
      {R"({"allOf":[{"$ref":"#"}]})", "the schema at the top level asks"},
      {R"({"anyOf":[true,{"not":{"$ref":"#"}}]})", "the schema at the top level asks"},
      {R"({"if":true,"then":{"$ref":"#"}})", "the schema at the top level asks"},
      {R"({"dependentSchemas":{"a":{"oneOf":[{"$ref":"#"}]}}})", "the schema at the top level asks"},
      {R"({"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
       "the schema at /"},
  };
  CheckRows(rows);
}

TEST_CASE("malformed keywords are refused with what they must be") {
  const Row rows[] = {
      {"5", "the top level must be a schema (an object, true or false), is 5"},
      {"null", "the top level must be a schema"},
      {"[]", "the top level must be a schema"},
      {R"({"type":"text"})", R"(/type names "text", which is not a type of JSON Schema)"},
      {R"({"type":5})", "/type names 5"},
      {R"({"type":[]})", "/type must name at least one type"},
      {R"({"enum":"a"})", "/enum must be an array"},
      {R"({"minimum":"1"})", R"(/minimum must be a number, is "1")"},
      {R"({"multipleOf":0})", "/multipleOf must be more than 0"},
      {R"({"multipleOf":-0.5})", "/multipleOf must be more than 0"},
      {R"({"maxLength":-1})", "/maxLength must be a whole number of at least 0, is -1"},
      {R"({"maxItems":1.5})", "/maxItems must be a whole number of at least 0, is 1.5"},
      {R"({"minContains":"x"})", "/minContains must be a whole number"},
      {R"({"pattern":5})", "/pattern must be a string, is 5"},
      {R"s({"properties":{"a":{"pattern":"a(?=b)"}}})s",
       "/properties/a/pattern has the pattern a(?=b) which cannot be used: look-around"},
      {R"({"patternProperties":{"(":true}})", "/patternProperties has the pattern ( which cannot be used"},
      {R"({"uniqueItems":"yes"})", R"(/uniqueItems must be true or false, is "yes")"},
      {R"({"items":[true]})", "/items must be one schema; a list of them is called prefixItems"},
      {R"({"items":5})", "/items must be a schema"},
      {R"({"prefixItems":[]})", "/prefixItems must be an array of schemas, is an empty array"},
      {R"({"allOf":{}})", "/allOf must be an array of schemas, is an empty object"},
      {R"({"anyOf":[5]})", "/anyOf/0 must be a schema"},
      {R"({"properties":[]})", "/properties must be an object of schemas, is an empty array"},
      {R"({"properties":{"a":null}})", "/properties/a must be a schema"},
      {R"({"$defs":{"a":7}})", "/$defs/a must be a schema"},
      {R"({"required":"a"})", "/required must be an array of strings"},
      {R"({"required":["a",5]})", "/required must be an array of strings"},
      {R"({"dependentRequired":{"a":"b"}})", "/dependentRequired must be an object of arrays of strings"},
      {R"({"dependentRequired":[]})", "/dependentRequired must be an object of arrays of strings"},
      {R"({"then":5})", "/then must be a schema"},
      {R"({"$id":5})", "/$id must be a string"},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace mcpgate
