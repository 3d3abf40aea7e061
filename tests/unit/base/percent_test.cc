#include "base/percent.h"

#include <doctest/doctest.h>

namespace mcpgate {
namespace {

TEST_CASE("escapes are read back, in either case of their digits") {
  CHECK(PercentDecoded("a%2Fb%2fc%C3%A9") == "a/b/c\xc3\xa9");
  CHECK(PercentDecoded("plain+text") == "plain+text");
  CHECK(PercentDecoded("") == "");
}

TEST_CASE("a broken escape and bytes that are not UTF-8 are nothing") {
  for (const char* text : {"%", "%4", "%4g", "%g4", "a%", "%ff", "%C3"}) {
    CAPTURE(text);
    CHECK(!PercentDecoded(text));
  }
}

}  // namespace
}  // namespace mcpgate
