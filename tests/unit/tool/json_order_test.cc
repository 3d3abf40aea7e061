#include "tool/json_order.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate {
namespace {

Json Parsed(const std::string& text) {
  auto value = ParseJson(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return *std::move(value);
}

int Compare(const Json& a, const Json& b) {
  std::size_t steps = 0;
  const int order = CompareJson(a, b, steps);
  CHECK(steps > 0);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

TEST_CASE("values are in one order whatever their type and spelling") {
  // Each line is below the next; the values of one line are equal.
  const std::vector<std::vector<std::string>> lines = {
      {"null"},
      {"false"},
      {"true"},
      {"-1e300"},
      {"-9223372036854775809.0"},
      {"-9223372036854775807"},
      {"-1", "-1.0"},
      {"-0.5"},
      {"0", "-0", "0.0", "-0.0", "0e5"},
      {"5e-324"},
      {"0.1"},
      {"1", "1.0", "1e0"},
      {"1.5"},
      {"9007199254740992", "9007199254740992.0"},
      {"9007199254740993"},
      {"9223372036854775807"},
      {"9223372036854775808", "9223372036854775808.0"},
      {"18446744073709551615"},
      {"18446744073709551616.0"},
      {"1e300"},
      {"\"\""},
      {"\"a\"", "\"\\u0061\""},
      {"\"b\""},
      {"[]"},
      {"[1]", "[1.0]"},
      {"[2]"},
      {"[0,0]"},
      {"{}"},
      {R"({"a":1})", R"({"a":1.0})"},
      {R"({"a":2})"},
      {R"({"b":0})"},
      {R"({"a":1,"b":2})", R"({"b":2,"a":1})"},
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < lines.size(); ++j) {
      for (const std::string& a : lines[i]) {
        for (const std::string& b : lines[j]) {
          CAPTURE(a);
          CAPTURE(b);
          CHECK(Compare(Parsed(a), Parsed(b)) == (i < j ? -1 : i > j ? 1 : 0));
        }
      }
    }
  }
}

TEST_CASE("a number is whole by its value, not by its spelling") {
  for (const char* text : {"0", "-3", "1.0", "-0.0", "1e300", "18446744073709551615"})
    CHECK(IsWhole(Parsed(text)));
  for (const char* text : {"0.5", "-1.25", "5e-324"}) CHECK_FALSE(IsWhole(Parsed(text)));
}

TEST_CASE("multiples are taken of the decimals as they are written") {
  struct Row {
    std::string number;
    std::string divisor;
    bool is_multiple;
  };
  const Row rows[] = {
      {"0", "7", true},
      {"0.0", "0.1", true},
      {"21", "7", true},
      {"22", "7", false},
      {"-21", "7", true},
      {"0.3", "0.1", true},
      {"1.1", "0.1", true},
      {"19.99", "0.01", true},
      {"4.35", "0.01", true},
      {"0.35", "0.1", false},
      {"0.0075", "0.0001", true},
      {"0.00751", "0.0001", false},
      {"35", "1.5", false},
      {"4.5", "1.5", true},
      {"1e308", "0.5", true},
      {"1e308", "0.123456789", false},
      {"12391239123", "1e-8", true},
      {"18446744073709551615", "5", true},
      {"18446744073709551615", "18446744073709551615", true},
      {"18446744073709551614", "18446744073709551615", false},
      {"9007199254740993", "2", false},
      {"1e20", "18446744073709551615", false},
      {"1", "1e300", false},
      {"1e300", "1e300", true},
      {"3e300", "1e299", true},
      {"5e-324", "1", false},
      {"1", "5e-324", true},
      {"7", "3.0", false},
      {"9", "3.0", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CAPTURE(row.divisor);
    CHECK(IsMultipleOf(Parsed(row.number), Parsed(row.divisor)) == row.is_multiple);
  }
}

TEST_CASE("the steps of a comparison grow with what was read") {
  std::size_t small = 0;
  std::size_t large = 0;
  CompareJson(Json(std::string(10, 'a')), Json(std::string(10, 'a')), small);
  CompareJson(Json(std::string(64'000, 'a')), Json(std::string(64'000, 'a')), large);
  CHECK(small == 1);
  CHECK(large == 1001);
}

}  // namespace
}  // namespace mcpgate
