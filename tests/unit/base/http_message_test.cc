#include "mcpgate/http_message.h"

#include <doctest/doctest.h>

namespace mcpgate {
namespace {

TEST_CASE("names of fields compare without case") {
  CHECK(EqualsIgnoreCase("Content-Length", "content-LENGTH"));
  CHECK_FALSE(EqualsIgnoreCase("Content-Length", "Content-Lengt"));
  CHECK_FALSE(EqualsIgnoreCase("a[", "A{"));  // 32 apart, and no letters
}

TEST_CASE("a field is found by its name, whatever the case, and the first one counts") {
  const HttpHeader headers[] = {{"Host", "a"}, {"X-Two", "first"}, {"x-two", "second"}};
  CHECK(FindHeader(headers, "X-TWO") == "first");
  CHECK_FALSE(FindHeader(headers, "X").has_value());
}

}  // namespace
}  // namespace mcpgate
