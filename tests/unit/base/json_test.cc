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

// The reader's tokens come from another library than its values: both must mean the same.
TEST_CASE("a text means to ParseJson what it means to nlohmann") {
  for (const char* text : {
           "0",
           "-0.0",
           "0.1",
           "1e5",
           "1E+2",
           "5e-324",
           "1e-400",
           "2.2250738585072014e-308",
           "1.7976931348623157e308",
           "9007199254740993",
           "9223372036854775807",
           "9223372036854775808",
           "-9223372036854775808",
           "-9223372036854775809",
           "18446744073709551615",
           "18446744073709551616",
           "123456789012345678901234567890",
           "0.30000000000000004",
           "3.141592653589793238462643383279",
           "100000000000000000000.5",
           "8.41e21",
           "7.0385307e-26",
           "9007199254740992.5",
           "-1.5e-7",
           "1e22",
           "true",
           "false",
           "null",
           R"("")",
           R"("\"\\\/\b\f\n\r\t")",
           R"("\u0041\u00e9\u20ac\ud83d\ude00")",
           "\"caf\\u00e9 \xc3\xa9 \xf0\x9f\x98\x80\"",
           "\"\\u0000a\"",
           "\" \x7f \"",
           "[]",
           "{}",
           "[[],{}]",
           R"({"":{"a\nb":[1,"x\\y",{"z":null}]}})",
           " [ 1 , 2 ] \r\n\t",
       }) {
    CAPTURE(text);
    const auto value = ParseJson(text);
    const Json expected = Json::parse(text);
    REQUIRE(value.ok());
    CHECK(*value == expected);
    CHECK(value->type() == expected.type());
    CHECK(DumpJson(*value) == expected.dump());
  }
  for (const char* text : {"01",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "-",
                           "--1",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "-1e999",
                           "tru",
                           "nulll",
                           "\"",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           R"("\udc00")",
                           R"("\ud800x")",
                           "\"\t\"",
                           "'a'",
                           "[1 2]",
                           "[1,,2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "[}",
                           "{]",
                           "]",
                           "}",
                           "/**/1",
                           "1//",
                           "[1]x",
                           "\xc3",
                           "\"\xc0\xaf\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\f1",
                           " "}) {
    CAPTURE(text);
    CHECK_FALSE(ParseJson(text).ok());
    CHECK_FALSE(Json::accept(text));
  }
}

TEST_CASE("long strings with escapes come whole") {
  std::string text = "\\u00e9";
  for (int i = 0; i < 12; ++i) text += text + std::string(static_cast<std::size_t>(37 * i), 'x') + "\\n";
  text = "{\"" + text + "\":\"" + text + "\"}";
  const auto value = ParseJson(text);
  REQUIRE(value.ok());
  CHECK(*value == Json::parse(text));
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
