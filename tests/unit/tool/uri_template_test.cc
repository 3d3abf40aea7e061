#include "tool/uri_template.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate {
namespace {

using Variables = UriTemplate::Variables;

struct Row {
  std::string uri_template, uri;
  std::optional<Variables> variables;
};

void Check(const Row& row) {
  CAPTURE(row.uri_template);
  CAPTURE(row.uri);
  const auto compiled = UriTemplate::Compile(row.uri_template);
  REQUIRE(compiled.ok());
  CHECK((*compiled)->Match(row.uri) == row.variables);
}

const std::nullopt_t kNo = std::nullopt;

TEST_CASE("an address fits as a whole, and its variables come decoded") {
  for (const Row& row :
       {Row{"a:/{x}", "a:/1", Variables{{"x", "1"}}},
        Row{"a:/{x}", "a:/a%20b%2Fc", Variables{{"x", "a b/c"}}},
        Row{"a:/{x}", "a:/caf%C3%A9", Variables{{"x", "caf\xc3\xa9"}}},
        Row{"a:/{x}", "a:/-._~", Variables{{"x", "-._~"}}},
        Row{"a:/{x}/b/{y}", "a:/1/b/2", Variables{{"x", "1"}, {"y", "2"}}},
        Row{"a:/{x,y}", "a:/1,2", Variables{{"x", "1"}, {"y", "2"}}},
        Row{"a:/plain", "a:/plain", Variables{}}, Row{"a:/{x}", "a:/", kNo}, Row{"a:/{x}", "a:/1/2", kNo},
        Row{"a:/{x}", "a:/1?", kNo}, Row{"a:/{x}", "A:/1", kNo}, Row{"a:/{x}", "xa:/1", kNo},
        Row{"a:/{x}", "a:/1\n", kNo}, Row{"a:/{x}", std::string("a:/1\0", 5), kNo},
        Row{"a:/plain", "a:/plainer", kNo}}) {
    Check(row);
  }
}

TEST_CASE("escapes that are broken or decode to no UTF-8 do not fit") {
  for (const char* uri :
       {"a:/%", "a:/%4", "a:/%zz", "a:/%ff", "a:/%C3", "a:/%ED%A0%80", "a:/%C0%AF", "a:/caf\xc3\xa9"}) {
    Check({"a:/{x}", uri, kNo});
    Check({"a:/{+x}", uri, kNo});
  }
}

TEST_CASE("literal text is literal, whatever it means to a pattern") {
  Check({"a:/.*/{x}", "a:/.*/1", Variables{{"x", "1"}}});
  Check({"a:/.*/{x}", "a:/zz/1", kNo});
  Check({"a:/(b|c)[d]^$\\{x}", "a:/(b|c)[d]^$\\1", Variables{{"x", "1"}}});
}

TEST_CASE("every operator reads what it would have written") {
  for (const Row& row : {Row{"a:/{+path}", "a:/b/c?d=e", Variables{{"path", "b/c?d=e"}}},
                         Row{"a:/x{#part}", "a:/x#p", Variables{{"part", "p"}}},
                         Row{"a:/x{.kind}", "a:/x.txt", Variables{{"kind", "txt"}}},
                         Row{"a:{/one,two}", "a:/1/2", Variables{{"one", "1"}, {"two", "2"}}},
                         Row{"a:/x{;one,two}", "a:/x;one=1;two=2", Variables{{"one", "1"}, {"two", "2"}}},
                         Row{"a:/x{?q,lang}", "a:/x?q=1&lang=en", Variables{{"q", "1"}, {"lang", "en"}}},
                         Row{"a:/x?fixed=1{&q}", "a:/x?fixed=1&q=2", Variables{{"q", "2"}}},
                         Row{"a:/x{?q}", "a:/x?q=", Variables{{"q", ""}}}, Row{"a:/x{.kind}", "a:/x", kNo},
                         Row{"a:/x{?q}", "a:/x?r=1", kNo}, Row{"a:/x{?q,lang}", "a:/x?q=1?lang=en", kNo}}) {
    Check(row);
  }
}

TEST_CASE("a named variable that is left out is left out with its name") {
  for (const Row& row :
       {Row{"a:/x{?q,lang}", "a:/x", Variables{}}, Row{"a:/x{?q,lang}", "a:/x?q=1", Variables{{"q", "1"}}},
        Row{"a:/x{?q,lang}", "a:/x?lang=en", Variables{{"lang", "en"}}},
        Row{"a:/x{?a,b,c}", "a:/x?b=2&c=3", Variables{{"b", "2"}, {"c", "3"}}},
        Row{"a:/x{;one,two}", "a:/x;two=2", Variables{{"two", "2"}}},
        Row{"a:/x{?q,lang}", "a:/x&lang=en", kNo}, Row{"a:/x{?q,lang}", "a:/x?", kNo},
        Row{"a:/x{?a,b}{?c}", "a:/x?c=1", Variables{{"c", "1"}}}}) {
    Check(row);
  }
}

TEST_CASE("a template that cannot be read backwards is refused with its place") {
  for (const char* text : {"a:/{", "a:/}", "a:/{}", "a:/{x", "a:/x}", "a:/{x}{x}", "a:/{x,x}", "a:/{x,}",
                           "a:/{,x}", "a:/{x:3}", "a:/{x*}", "a:/{x y}", "a:/{=x}", "a:/{!x}", "a:/{|x}",
                           "a:/{{x}}", "a:/{+}", "a:/{%41}", "a:/{\xc3\xa9}"}) {
    CAPTURE(text);
    const auto compiled = UriTemplate::Compile(text);
    REQUIRE_FALSE(compiled.ok());
    CHECK(absl::IsInvalidArgument(compiled.status()));
    CHECK(std::string(compiled.status().message()).find("at byte") != std::string::npos);
  }
}

TEST_CASE("templates and addresses are bounded") {
  CHECK(UriTemplate::Compile("a:/" + std::string(1021, 'x')).ok());
  CHECK_FALSE(UriTemplate::Compile("a:/" + std::string(1022, 'x')).ok());
  std::string many = "a:/";
  for (int i = 0; i < 16; ++i) many += "{v" + std::to_string(i) + "}/";
  CHECK(UriTemplate::Compile(many).ok());
  CHECK_FALSE(UriTemplate::Compile(many + "{more}").ok());
  Check({"a:/{x}", "a:/" + std::string(2045, 'x'), Variables{{"x", std::string(2045, 'x')}}});
  Check({"a:/{x}", "a:/" + std::string(2046, 'x'), kNo});
}

TEST_CASE("the worst template and the worst address are answered") {
  const auto compiled = UriTemplate::Compile("a:{+a}{+b}{+c}{+d}{+e}{+f}{+g}{+h}!");
  if (!compiled.ok()) return;  // too complex is an answer too
  CHECK_FALSE((*compiled)->Match("a:" + std::string(2000, '/')).has_value());
}

TEST_CASE("an address is absolute, clean and short") {
  for (const char* good : {"a:b", "https://example.com/", "urn:x:y", "memo+x.1-2:z", "file:///caf\xc3\xa9"}) {
    CAPTURE(good);
    CHECK(CheckUri(good).ok());
  }
  for (const std::string& bad :
       {std::string(), std::string("no scheme"), std::string(":x"), std::string("1a:x"), std::string("a b:x"),
        std::string("a:b c"), std::string("a:\n"), std::string("a:\x7f"), std::string("a:\0", 3),
        "a:" + std::string(2047, 'x')}) {
    CAPTURE(bad);
    CHECK(absl::IsInvalidArgument(CheckUri(bad)));
  }
}

}  // namespace
}  // namespace mcpgate
