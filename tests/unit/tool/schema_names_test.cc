// $id, $anchor, $dynamicAnchor and what refers to them; dialects; documents from outside.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

Json Parsed(const std::string& text) {
  auto value = ParseJson(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return *std::move(value);
}

// A caller that holds documents and remembers what it was asked for.
class Shelf {
 public:
  using Texts = std::map<std::string, std::string>;

  explicit Shelf(const Texts& texts) {
    for (const auto& [uri, text] : texts) documents_.emplace(uri, Parsed(text));
  }
  SchemaLookup Lookup() {
    return [this](std::string_view uri) -> const Json* {
      asked_ += std::string(uri) + " ";
      const auto found = documents_.find(uri);
      return found == documents_.end() ? nullptr : &found->second;
    };
  }
  const std::string& asked() const { return asked_; }

 private:
  std::map<std::string, Json, std::less<>> documents_;
  std::string asked_;
};

std::string Said(const std::string& schema, const std::string& value, const SchemaLookup& lookup = {}) {
  CAPTURE(schema);
  const auto compiled = CompiledSchema::Compile(Parsed(schema), {}, lookup);
  if (!compiled.ok()) return "refused: " + std::string(compiled.status().message());
  return DescribeViolations((*compiled)->Validate(Parsed(value)));
}

TEST_CASE("the tool schema of the conformance suite compiles and validates") {
  const std::string schema = R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
    "$defs":{"address":{"$anchor":"addressDef","type":"object",
      "properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
    "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},
      "contactMethod":{"type":"string","enum":["phone","email"]},
      "phone":{"type":"string"},"email":{"type":"string"}},
    "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
    "if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
    "then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false})";
  CHECK(Said(schema, R"({"name":"A","email":"a@example.org","address":{"city":"B"}})") == "");
  CHECK(Said(schema, R"({"contactMethod":"phone","phone":"1"})") == "");
  CHECK(Said(schema, R"({"contactMethod":"phone","email":"a"})") ==
        "at the top level: is missing the required property 'phone'");
  CHECK(Said(schema, R"({"email":"a","address":{"city":5}})") == "at /address/city: must be a string, is 5");
  CHECK(Said(schema, R"({"email":"a","adress":{}})") ==
        "at the top level: has the property 'adress' which is not allowed; did you mean 'address'?");
}

TEST_CASE(
    "a reference may use an anchor, a relative or an absolute identifier, or a pointer into a resource") {
  const std::string defs = R"("$id":"https://e.org/root","$defs":{
    "a":{"$anchor":"number","type":"number"},
    "b":{"$id":"folder/b","type":"string","$defs":{"c":{"$anchor":"deep","type":"null"}}}})";
  for (const char* reference : {"folder/b", "https://e.org/folder/b", "/folder/b#", "./x/../folder/b",
                                "#/$defs/b", "root#/$defs/b"}) {
    CHECK(Said("{" + defs + R"(,"$ref":")" + reference + "\"}", "5") ==
          "at the top level: must be a string, is 5");
  }
  for (const char* reference : {"folder/b#deep", "folder/b#/$defs/c", "#/$defs/b/$defs/c"}) {
    CHECK(Said("{" + defs + R"(,"$ref":")" + reference + "\"}", "5") ==
          "at the top level: must be null, is 5");
  }
  CHECK(Said("{" + defs + R"(,"$ref":"#number"})", "5") == "");
  CHECK(Said("{" + defs + R"(,"$ref":"#deep"})", "5") ==
        "refused: /$ref refers to #deep, but there is no such $anchor");
}

TEST_CASE("identifiers inside values are no identifiers") {
  CHECK(Said(R"({"$defs":{"a":{"const":{"$anchor":"x","$id":"y"}},"b":{"enum":[{"$anchor":"x"}]}},
                 "$anchor":"x","default":{"$anchor":"x"}})",
             "5") == "");
  CHECK(Said(R"({"properties":{"$ref":{"$ref":"#x"},"$id":{"$anchor":"x","type":"string"}}})",
             R"({"$ref":5})") == "at /$ref: must be a string, is 5");
}

TEST_CASE("a dynamic reference is decided by the outermost resource on the way") {
  const std::string schema = R"({"$id":"https://e.org/strings","$ref":"list","$defs":{
    "item":{"$dynamicAnchor":"item","type":"string"},
    "list":{"$id":"list","items":{"$dynamicRef":"#item"},"$defs":{"any":{"$dynamicAnchor":"item"}}}}})";
  CHECK(Said(schema, R"(["a"])") == "");
  CHECK(Said(schema, R"(["a",5])") == "at /1: must be a string, is 5");
  CHECK(Said(R"({"$dynamicRef":"#only","$defs":{"x":{"$dynamicAnchor":"only","type":"null"}}})", "5") ==
        "at the top level: must be null, is 5");
}

TEST_CASE("a document is taken from the caller and never from elsewhere") {
  Shelf shelf(
      Shelf::Texts{{"https://e.org/a/b", R"({"$id":"https://e.org/a/c","properties":{"x":{"$ref":"d#e"}}})"},
                   {"https://e.org/a/d", R"({"$defs":{"e":{"$anchor":"e","type":"integer"}}})"}});
  CHECK(Said(R"({"$ref":"https://e.org/a/b"})", R"({"x":"1"})", shelf.Lookup()) ==
        R"(at /x: must be a whole number, is "1")");
  CHECK(shelf.asked() == "https://e.org/a/b https://e.org/a/d ");
  CHECK(Said(R"({"items":{"$ref":"https://e.org/z"}})", "5", shelf.Lookup()) ==
        "refused: /items/$ref refers to https://e.org/z, which is outside this document; nothing is fetched, "
        "so put it under $defs");
  Shelf broken(Shelf::Texts{{"https://e.org/a", R"({"items":{"type":"text"}})"}});
  CHECK(Said(R"({"$ref":"https://e.org/a"})", "5", broken.Lookup()) ==
        R"(refused: https://e.org/a#/items/type names "text", which is not a type of JSON Schema)");
}

TEST_CASE("a dialect that the caller describes is read by its vocabularies") {
  const std::string base = "https://json-schema.org/draft/2020-12/";
  const auto described = [&](const std::string& vocabularies) {
    return Shelf(
        Shelf::Texts{{"https://e.org/mine", R"({"$schema":")" + base + R"(schema","$vocabulary":{")" + base +
                                                R"(vocab/core":true)" + vocabularies + "}}"}});
  };
  Shelf applying = described(",\"" + base + "vocab/applicator\":true");
  Shelf unknown = described(R"(,"https://e.org/vocab":true)");
  Shelf optional = described(R"(,"https://e.org/vocab":false)");
  const std::string schema = R"({"$schema":"https://e.org/mine","properties":{"a":false,"b":{"minimum":9}}})";
  CHECK(Said(schema, R"({"b":1})", applying.Lookup()) == "");
  CHECK(Said(schema, R"({"a":1})", applying.Lookup()) == "at /a: is not allowed here");
  CHECK(Said(schema, R"({"a":1})", optional.Lookup()) == "");
  CHECK(Said(schema, "5", unknown.Lookup()) ==
        "refused: /$schema names the dialect https://e.org/mine: dialect not supported, its vocabulary "
        "https://e.org/vocab is not known");
  CHECK(Said(schema, "5").find("dialect not supported") != std::string::npos);
}

TEST_CASE("format, content and the other annotations refuse nothing") {
  CHECK(Said(R"({"format":"email","contentEncoding":"base64","contentMediaType":"application/json",
                 "contentSchema":{"type":"null"},"$comment":"c","title":"t","description":"d","default":5,
                 "deprecated":true,"readOnly":true,"writeOnly":true,"examples":[5],"x-mine":{"type":"null"}})",
             R"("\u0000")") == "");
}

}  // namespace
}  // namespace mcpgate
