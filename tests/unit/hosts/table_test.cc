#include "common/table.h"

#include <doctest/doctest.h>

#include "common/display_width.h"
#include "environment.h"

namespace mcpgate::hosts {
namespace {

TEST_CASE("columns line up and lines end without blanks") {
  Table table({"ID", "NAME"});
  table.Add({"a", "first"});
  table.Add({"longer", ""});
  CHECK(table.Render(false) ==
        "ID      NAME\n"
        "a       first\n"
        "longer\n");
}

TEST_CASE("wide characters and combining marks are counted as terminals draw them") {
  Table table({"NAME", "X"});
  table.Add({"日本", "1"});
  table.Add({"e\xCC\x81t\xCC\x81", "2"});
  CHECK(table.Render(false) ==
        "NAME  X\n"
        "日本  1\n"
        "e\xCC\x81t\xCC\x81    2\n");
}

TEST_CASE("a name cannot drive the operator's terminal") {
  Table table({"NAME"});
  table.Add({"a\x1b[2Jb\n\xC2\x9B\xE2\x80\xAE"});
  CHECK(table.Render(false) == "NAME\na\xEF\xBF\xBD[2Jb\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
  for (const char* bad : {"\xFF", "\xC0", "\xED\xA0\x80", "\xE2\x82", "\xF5"}) {
    CAPTURE(bad);
    const std::string shown = Printable(bad);
    CHECK(shown.find("\xEF\xBF\xBD") == 0);
    CHECK(Printable(shown) == shown);
  }
}

TEST_CASE("a cell that is too wide ends with an ellipsis") {
  CHECK(Shorten("abcdef", 6) == "abcdef");
  CHECK(Shorten("abcdefg", 6) == "abcde…");
  CHECK(Shorten("日本語", 5) == "日本…");
  CHECK(DisplayWidth(Shorten("日本語文", 6)) <= 6);
}

TEST_CASE("colour surrounds the text and not the padding") {
  Table table({"S", "X"});
  table.Add({{"ok", Tone::kGood}, "1"});
  CHECK(table.Render(true).find("\x1b[32mok\x1b[0m  1\n") != std::string::npos);
}

TEST_CASE("a file is never coloured") { CHECK_FALSE(WantsColour(-1)); }

TEST_CASE("facts line up behind their labels") {
  CHECK(Facts({{"id", "x"}, {"longer", "y"}}, false) == "id      x\nlonger  y\n");
}

}  // namespace
}  // namespace mcpgate::hosts
