// Each keyword with values that fit and with the words for values that do not.
#include <doctest/doctest.h>

#include <string>

#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

struct Row {
  std::string schema;
  std::string value;
  std::string said;  // "" when the value fits
};

Json Parsed(const std::string& text) {
  auto value = ParseJson(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return *std::move(value);
}

std::string Said(const Json& schema, const Json& value) {
  const auto compiled = CompiledSchema::Compile(schema);
  REQUIRE_MESSAGE(compiled.ok(), compiled.status().ToString());
  std::string text;
  for (const SchemaViolation& violation : (*compiled)->Validate(value)) {
    if (!text.empty()) text += " | ";
    text += violation.pointer + (violation.pointer.empty() ? "" : ": ") + violation.message;
  }
  return text;
}

template <std::size_t kSize>
void CheckRows(const Row (&rows)[kSize]) {
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CAPTURE(row.value);
    CHECK(Said(Parsed(row.schema), Parsed(row.value)) == row.said);
  }
}

TEST_CASE("types, options and constants") {
  const Row rows[] = {
      {"true", "5", ""},
      {"{}", "5", ""},
      {"false", "5", "is not allowed here"},
      {R"({"type":"string"})", R"("x")", ""},
      {R"({"type":"string"})", "5", "must be a string, is 5"},
      {R"({"type":"integer"})", "1.0", ""},
      {R"({"type":"integer"})", "1e300", ""},
      {R"({"type":"integer"})", "1.5", "must be a whole number, is 1.5"},
      {R"({"type":"integer"})", R"("5")", R"(must be a whole number, is "5")"},
      {R"({"type":"number"})", "5", ""},
      {R"({"type":["string","null"]})", "null", ""},
      {R"({"type":["string","null"]})", "[1,2]", "must be a string or null, is an array of 2 items"},
      {R"({"type":["integer","number"]})", "true", "must be a number, is true"},
      {R"({"type":"boolean"})", "{}", "must be true or false, is an empty object"},
      {R"({"type":"object"})", "[]", "must be an object, is an empty array"},
      {R"({"type":"array"})", R"({"a":1})", "must be an array, is an object"},
      {R"({"enum":["a","b",1]})", "1.0", ""},
      {R"({"enum":["b","a"]})", R"("c")", R"(must be one of "b", "a", is "c")"},
      {R"({"enum":["a"]})", "5", R"(must be "a", is 5)"},
      {R"({"enum":[]})", "5", "must be one of no options at all, is 5"},
      {R"({"enum":[false]})", "0", "must be false, is 0"},
      {R"({"const":{"a":[1]}})", R"({"a":[1.0]})", ""},
      {R"({"const":9007199254740993})", "9007199254740992", "must be 9007199254740993, is 9007199254740992"},
  };
  CheckRows(rows);
}

TEST_CASE("numbers") {
  const Row rows[] = {
      {R"({"minimum":1.5})", "1.5", ""},
      {R"({"minimum":1.5})", "1", "must be at least 1.5, is 1"},
      {R"({"maximum":18446744073709551614})", "18446744073709551615",
       "must be at most 18446744073709551614, is 18446744073709551615"},
      {R"({"maximum":9007199254740992})", "9007199254740993",
       "must be at most 9007199254740992, is 9007199254740993"},
      {R"({"maximum":9007199254740992.0})", "9007199254740993",
       "must be at most 9.007199254740992e+15, is 9007199254740993"},
      {R"({"exclusiveMinimum":0})", "0.0", "must be more than 0, is 0.0"},
      {R"({"exclusiveMaximum":10})", "10", "must be less than 10, is 10"},
      {R"({"multipleOf":0.01})", "4.35", ""},
      {R"({"multipleOf":0.01})", "4.355", "must be a multiple of 0.01, is 4.355"},
      {R"({"minimum":5,"maximum":3})", R"("not a number")", ""},
  };
  CheckRows(rows);
}

TEST_CASE("strings") {
  const Row rows[] = {
      {R"({"maxLength":2})", R"("éé")", ""},
      {R"({"maxLength":2.0})", R"("abc")", "must be at most 2 characters long, is 3"},
      {R"({"minLength":1})", R"("")", "must be at least 1 character long, is 0"},
      {R"({"minLength":2})", R"("🐲")", "must be at least 2 characters long, is 1"},
      {R"({"maxLength":1e30})", R"("abc")", ""},
      {R"({"pattern":"^[0-9]+$"})", R"("12a")", R"(must match the pattern ^[0-9]+$, is "12a")"},
      {R"({"pattern":"a","minLength":5})", "7", ""},
      {R"({"minLength":9,"pattern":"z"})", R"("abc")",
       R"(must be at least 9 characters long, is 3 | must match the pattern z, is "abc")"},
  };
  CheckRows(rows);
}

TEST_CASE("arrays") {
  const Row rows[] = {
      {R"({"items":{"type":"string"}})", R"(["a",5,"b",6])",
       "/1: must be a string, is 5 | /3: must be a string, is 6"},
      {R"({"prefixItems":[{"type":"string"}],"items":{"type":"integer"}})", R"(["a",1,"b"])",
       R"(/2: must be a whole number, is "b")"},
      {R"({"prefixItems":[{"type":"string"},true],"items":false})", R"(["a",1,"b"])",
       "must have at most 2 items, has 3"},
      {R"({"prefixItems":[{"type":"string"}]})", "[5]", "/0: must be a string, is 5"},
      {R"({"minItems":1})", "[]", "must have at least 1 item, has 0"},
      {R"({"maxItems":1})", "[1,2]", "must have at most 1 item, has 2"},
      {R"({"uniqueItems":true})", "[1,true,[1],\"1\"]", ""},
      {R"({"uniqueItems":true})", R"([{"a":1,"b":2},3,{"b":2,"a":1.0}])",
       "must not have the same item twice: items 0 and 2 are equal"},
      {R"({"uniqueItems":false})", "[1,1]", ""},
      {R"({"contains":{"const":5}})", "[1,5]", ""},
      {R"({"contains":{"const":5}})", "[1]", R"(must contain at least 1 item that fits {"const":5}, has 0)"},
      {R"({"contains":{"const":5},"minContains":2})", "[5,1]",
       R"(must contain at least 2 items that fit {"const":5}, has 1)"},
      {R"({"contains":{"const":5},"maxContains":1})", "[5,5]",
       R"(must contain at most 1 item that fits {"const":5})"},
      {R"({"contains":{"const":5},"minContains":0})", "[]", ""},
      {R"({"minContains":2})", "[]", ""},
  };
  CheckRows(rows);
}

TEST_CASE("objects") {
  const Row rows[] = {
      {R"({"required":["name","age"]})", "{}",
       "is missing the required property 'name' | is missing the required property 'age'"},
      {R"({"properties":{"a":{"properties":{"b":{"type":"string"}}}}})", R"({"a":{"b":5}})",
       "/a/b: must be a string, is 5"},
      {R"({"properties":{"a/b~c":{"type":"string"}}})", R"({"a/b~c":5})", "/a~1b~0c: must be a string, is 5"},
      {R"({"properties":{"name":{}},"additionalProperties":false})", R"({"nmae":1})",
       "has the property 'nmae' which is not allowed; did you mean 'name'?"},
      {R"({"properties":{"channel_id":{}},"additionalProperties":false})", R"({"channelId":1})",
       "has the property 'channelId' which is not allowed; did you mean 'channel_id'?"},
      {R"({"properties":{"name":{}},"additionalProperties":false})", R"({"zebra":1})",
       "has the property 'zebra' which is not allowed"},
      {R"({"properties":{"a":{}},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})",
       R"({"a":1,"x-b":"c"})", ""},
      {R"({"properties":{"x-a":{"minimum":3}},"patternProperties":{"^x-":{"type":"string"}}})",
       R"({"x-a":1})", "/x-a: must be at least 3, is 1 | /x-a: must be a string, is 1"},
      {R"({"additionalProperties":{"type":"string"}})", R"({"a":"b","c":1})", "/c: must be a string, is 1"},
      {R"({"properties":{"a":false}})", R"({"a":1})", "/a: is not allowed here"},
      {R"({"propertyNames":{"maxLength":2}})", R"({"ab":1,"abc":2})",
       "has a property named 'abc', and a name here must be at most 2 characters long, is 3"},
      {R"({"dependentRequired":{"card":["address"]}})", R"({"card":1})",
       "is missing the required property 'address', which must accompany 'card'"},
      {R"({"dependentSchemas":{"card":{"properties":{"card":{"type":"string"}}}}})", R"({"card":1})",
       "/card: must be a string, is 1"},
      {R"({"dependentSchemas":{"card":false},"dependentRequired":{"card":["x"]}})", R"({"other":1})", ""},
      {R"({"minProperties":1})", "{}", "must have at least 1 property, has 0"},
      {R"({"maxProperties":0})", R"({"a":1})", "must have at most 0 properties, has 1"},
      {R"({"required":["a"],"minProperties":1})", "[]", ""},
  };
  CheckRows(rows);
}

TEST_CASE("combinations") {
  const Row rows[] = {
      {R"({"allOf":[{"minimum":3},{"multipleOf":2}]})", "1",
       "must be at least 3, is 1 | must be a multiple of 2, is 1"},
      {R"({"anyOf":[{"type":"string"},{"required":["a"]}]})", "{}",
       "fits none of 2 alternatives: (1) must be a string, is an empty object; "
       "(2) is missing the required property 'a'"},
      {R"({"anyOf":[{"properties":{"a":{"type":"string"}}}]})", R"({"a":5})",
       "at /a: must be a string, is 5"},
      {R"({"properties":{"o":{"anyOf":[{"properties":{"a":{"const":1}}},{"type":"null"}]}}})",
       R"({"o":{"a":5}})",
       "/o: fits none of 2 alternatives: (1) at /a: must be 1, is 5; (2) must be null, is an object"},
      {R"({"anyOf":[{"const":1},{"const":2},{"const":3},{"const":4}]})", "5",
       "fits none of 4 alternatives: (1) must be 1, is 5; (2) must be 2, is 5; (3) must be 3, is 5; "
       "\xe2\x80\xa6"},
      {R"({"oneOf":[{"type":"integer"},{"minimum":2},{"const":7}]})", "3",
       "must fit exactly one of 3 alternatives, fits numbers 1 and 2"},
      {R"({"oneOf":[{"type":"string"},{"minimum":2}]})", "3", ""},
      {R"({"not":{"type":"integer"}})", "3", R"(must not fit {"type":"integer"})"},
      {R"({"not":{"type":"integer"}})", "3.5", ""},
      {R"({"not":false})", "1", ""},
      {R"({"if":{"const":1},"then":{"type":"string"},"else":{"minimum":5}})", "1", "must be a string, is 1"},
      {R"({"if":{"const":1},"then":{"type":"string"},"else":{"minimum":5}})", "2",
       "must be at least 5, is 2"},
      {R"({"if":{"const":1}})", "1", ""},
      {R"({"then":false,"else":false})", "1", ""},
  };
  CheckRows(rows);
}

TEST_CASE("references inside the document") {
  const Row rows[] = {
      {R"({"$defs":{"a":{"type":"string"}},"$ref":"#/$defs/a"})", "5", "must be a string, is 5"},
      {R"({"$defs":{"a/b~c%":{"type":"string"}},"$ref":"#/$defs/a~1b~0c%25"})", "5",
       "must be a string, is 5"},
      {R"({"$ref":"#/unknown/place","unknown":{"place":{"type":"string"}}})", "5", "must be a string, is 5"},
      {R"({"properties":{"a":{"$ref":"#/prefixItems/1"}},"prefixItems":[true,{"type":"string"}]})",
       R"({"a":5})", "/a: must be a string, is 5"},
      {R"({"$id":"https://example.org/s","$ref":"https://example.org/s#/$defs/a","$defs":{"a":{"const":1}}})",
       "5", "must be 1, is 5"},
      {R"({"properties":{"next":{"$ref":"#"},"value":{"type":"integer"}},"required":["value"]})",
       R"({"value":1,"next":{"value":2,"next":{"value":"x"}}})",
       R"(/next/next/value: must be a whole number, is "x")"},
      {R"({"$ref":"#/$defs/a","minimum":5,"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"type":"integer"}}})", "1",
       "must be at least 5, is 1"},
  };
  CheckRows(rows);
}

TEST_CASE("annotations and unknown keywords constrain nothing") {
  CHECK(Said(Parsed(R"({"title":"t","description":"d","default":5,"examples":[1],"deprecated":true,
    "readOnly":true,"writeOnly":true,"$comment":"c","format":"email","contentEncoding":"base64",
    "contentMediaType":"application/json","contentSchema":{"$anchor":"x"},"x-mcp-header":"X",
    "definitions":{"a":{"$id":"y"}},"additionalItems":false})"),
             Parsed(R"("not an email")")) == "");
}

TEST_CASE("a long value is never echoed at length") {
  const std::string secret(5'000, 's');
  for (const char* schema :
       {R"({"type":"integer"})", R"({"const":1})", R"({"enum":["a","b"]})", R"({"pattern":"z"})",
        R"({"properties":{},"additionalProperties":false})", R"({"propertyNames":{"pattern":"z"}})",
        R"({"additionalProperties":{"type":"null"}})", R"({"anyOf":[{"type":"null"},{"const":2}]})"}) {
    CAPTURE(schema);
    for (const Json& value : {Json(secret), Json{{secret, secret}}}) {
      const std::string said = Said(Parsed(schema), value);
      CHECK(said.find(std::string(61, 's')) == std::string::npos);
      CHECK(said.size() < 400);
    }
  }
}

TEST_CASE("a value cut short is cut between characters") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\xc3\xa9";
  for (const char* prefix : {"", "a"}) {
    const std::string said = Said(Parsed(R"({"const":1})"), Json(prefix + text));
    CHECK(ParseJson(DumpJson(Json(said))).ok());
    CHECK(DumpJson(Json(said)).find("\xef\xbf\xbd") == std::string::npos);
  }
}

TEST_CASE("only the first violations are reported") {
  const auto schema = *CompiledSchema::Compile(Parsed(R"({"items":{"type":"string"}})"));
  CHECK(schema->Validate(Json(std::vector<int>(1'000, 1))).size() == 10);
}

TEST_CASE("violations are described one on each line") {
  CHECK(
      DescribeViolations({{"", "is missing the required property 'a'"}, {"/b", "must be a string, is 5"}}) ==
      "at the top level: is missing the required property 'a'\nat /b: must be a string, is 5");
  CHECK(DescribeViolations({}).empty());
}

TEST_CASE("what no subschema speaks about is named") {
  const std::string open = R"({"properties":{"a":{"type":"integer"}},"unevaluatedProperties":false,)";
  const Row rows[] = {
      {open + R"("allOf":[{"properties":{"b":true}}]})", R"({"a":1,"b":2})", ""},
      {open + R"("allOf":[{"properties":{"b":true}}]})", R"({"a":1,"c":2})",
       "has the property 'c' which is not allowed"},
      {open + R"("allOf":[{"properties":{"b":true}}]})", R"({"a":"1","c":2})",
       R"(/a: must be a whole number, is "1" | has the property 'c' which is not allowed)"},
      {open + R"("anyOf":[{"properties":{"b":{"const":1}}},{"properties":{"c":true}}]})", R"({"b":2,"c":1})",
       "has the property 'b' which is not allowed"},
      {open + R"("anyOf":[{"properties":{"b":{"const":1}}},{"properties":{"c":true}}]})", R"({"b":1,"c":1})",
       ""},
      // Which members an alternative would have allowed is not known when none fits.
      {open + R"("anyOf":[{"properties":{"b":{"const":1}},"required":["b"]}]})", R"({"b":2})",
       "at /b: must be 1, is 2"},
      {open + R"("not":{"anyOf":[{"properties":{"b":{"const":1}},"required":["b"]}]}})", R"({"b":2})",
       "has the property 'b' which is not allowed"},
      {open + R"("if":{"properties":{"b":{"const":1}},"required":["b"]},"else":{"properties":{"c":true}}})",
       R"({"c":2})", ""},
      {R"({"properties":{"o":)" + open + R"("title":"inner"}}})", R"({"o":{"x":1},"x":1})",
       "/o: has the property 'x' which is not allowed"},
      {R"({"unevaluatedProperties":{"type":"string"},"patternProperties":{"^a":true}})", R"({"ab":1,"b":2})",
       "/b: must be a string, is 2"},
      {R"({"prefixItems":[true],"unevaluatedItems":false})", "[1,2]", "has the item 1, which is not allowed"},
      {R"({"contains":{"const":2},"unevaluatedItems":{"type":"null"}})", "[2,null,2,3]",
       "/3: must be null, is 3"},
      {R"({"unevaluatedItems":false,"unevaluatedProperties":false})", "5", ""},
  };
  CheckRows(rows);
}

}  // namespace
}  // namespace mcpgate
