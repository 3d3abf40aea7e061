#include "tool/schema_pattern.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate {
namespace {

struct Row {
  std::string pattern;
  std::vector<std::string> matching;
  std::vector<std::string> others;
};

void CheckRow(const Row& row) {
  CAPTURE(row.pattern);
  const auto pattern = SchemaPattern::Compile(row.pattern);
  REQUIRE_MESSAGE(pattern.ok(), pattern.status().ToString());
  for (const std::string& text : row.matching) {
    CAPTURE(text);
    CHECK((*pattern)->Matches(text));
  }
  for (const std::string& text : row.others) {
    CAPTURE(text);
    CHECK_FALSE((*pattern)->Matches(text));
  }
}

TEST_CASE("anchors, dots and braces mean what ECMA-262 says") {
  const Row rows[] = {
      {"", {"", "a"}, {}},
      {"b", {"abc"}, {"ac"}},
      {"^a$", {"a"}, {"a\n", "ba", "\na"}},
      {"^.$", {"a", "\xc3\xa9", "\xf0\x9f\x90\xb2"}, {"\n", "\r", "\xe2\x80\xa8", "\xe2\x80\xa9", "ab"}},
      {"^a{2,3}$", {"aa", "aaa"}, {"a", "aaaa"}},
      {"^a{2,}?$", {"aa", "aaaa"}, {"a"}},
      {"^{a}$", {"{a}"}, {"a"}},
      {"^a{,2}$", {"a{,2}"}, {"aa"}},
      {"^]}$", {"]}"}, {}},
      {"^(a|(?<name>b))(?:c)?$", {"a", "bc"}, {"c"}},
      {"^\xf0\x9f\x90\xb2*$", {"", "\xf0\x9f\x90\xb2\xf0\x9f\x90\xb2"}, {"\xf0\x9f\x90\xb3"}},
      {R"(\bcat\b)", {"a cat"}, {"concat"}},
      {R"(\Bcat)", {"concat"}, {"cat"}},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("escapes mean what ECMA-262 says") {
  const Row rows[] = {
      {R"(^\d+$)", {"09"}, {"\xdf\x80", "a"}},
      {R"(^\D$)", {"a", "\n"}, {"5"}},
      {R"(^\w$)", {"a", "_"}, {"\xc3\xa9", "-"}},
      {R"(^\W$)", {"\xc3\xa9", "\n"}, {"a"}},
      {R"(^\s$)",
       {" ", "\t", "\v", "\xc2\xa0", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xe3\x80\x80"},
       {"a", "\xe2\x80\x8b"}},
      {R"(^\S$)", {"a", "\xe2\x80\x8b"}, {" ", "\xc2\xa0", "\xef\xbb\xbf"}},
      {R"(^\cC\cj$)", {"\x03\n"}, {"cCcj"}},
      {R"(^\x41\u0042\u{43}\u{1F432}$)", {"ABC\xf0\x9f\x90\xb2"}, {}},
      {R"(^\ud83d\udc32$)", {"\xf0\x9f\x90\xb2"}, {}},
      {R"(^\0$)", {std::string(1, '\0')}, {"0"}},
      {R"(^\t\n\v\f\r$)", {"\t\n\v\f\r"}, {}},
      {R"(^\/\.\-\"\_?$)", {"/.-\"", "/.-\"_"}, {"/x-\""}},
      {R"(^\p{Letter}\P{Letter}$)",
       {"\xc3\xa9"
        "5"},
       {"55"}},
      {R"(^\p{Lu}\p{gc=Lowercase_Letter}\p{General_Category=Nd}$)", {"Aa5"}, {"aA5"}},
      {R"(^\p{Script=Greek}\p{sc=Cyrillic}\p{Greek}$)", {"\xce\xb1\xd0\x96\xce\xb1"}, {"aba"}},
      {R"(^\p{ASCII}\P{ASCII}\p{Any}$)",
       {"a\xc3\xa9x"},
       {"\xc3\xa9"
        "ax"}},
      {R"(^\p{digit}$)", {"\xdf\x80"}, {"a"}},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("classes mean what ECMA-262 says") {
  const Row rows[] = {
      {"^[a-c]$", {"b"}, {"d", "-"}},
      {"^[^a-c]$", {"d", "\n"}, {"b"}},
      {"^[a-]$", {"a", "-"}, {"b"}},
      {"^[-a]$", {"a", "-"}, {"b"}},
      {R"(^[\w-.]$)", {"a", "-", "."}, {",", "/"}},
      {R"(^[\d-x]$)", {"5", "-", "x"}, {"a"}},
      {R"(^[+--]$)", {"+", ",", "-"}, {"."}},
      {"[]", {}, {"", "a", "]"}},
      {"^[^]$", {"a", "\n"}, {""}},
      {"^[[:alpha:]$", {"[", ":", "a"}, {"b", "]"}},
      {"^[a^]$", {"a", "^"}, {"b"}},
      {R"(^[\]\\\[]$)", {"]", "\\", "["}, {"a"}},
      {R"(^[\b]$)", {"\b"}, {"b"}},
      {R"(^[^\S ]$)", {"\t", "\xc2\xa0"}, {" ", "a"}},
      {R"(^[\u00e0-\u00ff\s]$)", {"\xc3\xa9", " "}, {"e"}},
      {"^[\xc3\xa0-\xc3\xbf]$", {"\xc3\xa9"}, {"e"}},
      {R"(^[^\p{L}\d]$)", {"-"}, {"a", "\xc3\xa9", "5"}},
      {R"(^[\uD83D\uDC32]$)", {"\xf0\x9f\x90\xb2"}, {"a"}},
  };
  for (const Row& row : rows) CheckRow(row);
}

TEST_CASE("what has no linear-time form, or no meaning, is refused with the reason") {
  struct Refusal {
    std::string pattern;
    std::string reason;
  };
  const Refusal rows[] = {
      {"a(?=b)", "look-around"},
      {"a(?!b)", "look-around"},
      {"(?<=a)b", "look-around"},
      {"(?<!a)b", "look-around"},
      {R"((a)\1)", "back-reference"},
      {R"((?<x>a)\k<x>)", "back-reference"},
      {R"(\a)", "not an escape"},
      {R"(\Z)", "not an escape"},
      {R"(\01)", "not an escape"},
      {R"(\c1)", "followed by a letter"},
      {R"(\u12)", "malformed"},
      {R"(\u{110000})", "malformed"},
      {R"(\u{12)", "malformed"},
      {R"(\xg0)", "malformed"},
      {R"(\pL)", "in braces"},
      {R"(\p{Nonsense})", "Nonsense"},
      {"a\\", "backslash"},
      {"(a", "not closed"},
      {"a)", "no '('"},
      {"[a", "not closed"},
      {"[z-a]", "backwards"},
      {"(?i)a", "unknown kind of group"},
      {"(?<a", "not closed"},
      {"a**", "repetition"},
      {"*", "repetition"},
      {"a{1001}", "repetition"},
      {"((a{100}){100}){100}", "repetition"},
      {"a\xff", "UTF-8"},
  };
  for (const Refusal& row : rows) {
    CAPTURE(row.pattern);
    const auto pattern = SchemaPattern::Compile(row.pattern);
    REQUIRE_FALSE(pattern.ok());
    INFO(pattern.status().ToString());
    CHECK(std::string(pattern.status().message()).find(row.reason) != std::string::npos);
  }
}

TEST_CASE("groups inside groups inside groups are refused before they exhaust the stack") {
  const std::string deep = std::string(100'000, '(') + std::string(100'000, ')');
  CHECK_FALSE(SchemaPattern::Compile(deep).ok());
}

TEST_CASE("the work of a match grows with text and program") {
  const auto simple = *SchemaPattern::Compile("^a$");
  const auto large = *SchemaPattern::Compile(R"(^\p{L}{50}$)");
  CHECK(simple->Work("aaaa") == 1);
  CHECK(simple->Work(std::string(1'000'000, 'a')) > 1'000);
  CHECK(large->Work(std::string(1'000, 'a')) > simple->Work(std::string(1'000, 'a')));
}

}  // namespace
}  // namespace mcpgate
