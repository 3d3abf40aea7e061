#include "mcpgate/json.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

TEST_CASE("a text within the bounds is parsed and written back compactly") {
  const auto value = ParseJson(R"( {"b": [1, 2.5, "x\u00e9"], "a": null} )");
  REQUIRE(value.ok());
  CHECK(DumpJson(*value) == "{\"a\":null,\"b\":[1,2.5,\"x\xc3\xa9\"]}");
}

TEST_CASE("hostile and broken texts are refused with a reason") {
  struct Row {
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"", "byte"},
      {"{", "byte"},
      {"[1,]", "byte"},
      {"{\"a\":1,\"a\":2}", "\"a\" appears twice"},
      {"{\"a\":{\"x\":1,\"x\":1}}", "\"x\" appears twice"},
      {std::string(65, '[') + std::string(65, ']'), "deeper than 64"},
      {std::string(1'000'000, '['), "deeper than 64"},
      {"\"\xff\"", "byte"},
      {"\"\xed\xa0\x80\"", "byte"},
      {"\"\\ud800\"", "byte"},
      {"1e400", "byte"},
      {"\xef\xbb\xbf{}x", "byte"},
      {"nul", "byte"},
      {std::string("\"a\0b\"", 5), "byte"},
      {"1 2", "byte"},
  };
  for (const Row& row : rows) {
    const auto value = ParseJson(row.text);
    CAPTURE(row.text.substr(0, 40));
    REQUIRE_FALSE(value.ok());
    CHECK(absl::IsInvalidArgument(value.status()));
    CHECK(std::string(value.status().message()).find(row.reason) != std::string::npos);
  }
}

TEST_CASE("sixty-four levels are accepted") {
  CHECK(ParseJson(std::string(64, '[') + std::string(64, ']')).ok());
}

TEST_CASE("integers of 64 bits keep their digits") {
  CHECK(DumpJson(*ParseJson("[9223372036854775807,-9223372036854775808,18446744073709551615]")) ==
        "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

TEST_CASE("bytes that are not UTF-8 are replaced when written") {
  CHECK(DumpJson(Json("a\xff")) == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("checked reads answer the fallback for what is absent or of another type") {
  const Json value = *ParseJson(R"({"s":"x","i":3,"f":1.5,"b":true,"o":{},"a":[]})");
  CHECK(*FindString(value, "s") == "x");
  CHECK(FindString(value, "i") == nullptr);
  CHECK(FindString(value, "none") == nullptr);
  CHECK(FindString(Json::array(), "s") == nullptr);
  CHECK(FindObject(value, "o") != nullptr);
  CHECK(FindObject(value, "a") == nullptr);
  CHECK(FindArray(value, "a") != nullptr);
  CHECK(StringOr(value, "i", "z") == "z");
  CHECK(IntegerOr(value, "i", 7) == 3);
  CHECK(IntegerOr(value, "f", 7) == 7);
  CHECK(NumberOr(value, "f", 0) == 1.5);
  CHECK(BoolOr(value, "b", false));
}

}  // namespace
}  // namespace mcpgate
