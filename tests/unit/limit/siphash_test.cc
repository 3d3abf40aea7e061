#include "limit/siphash.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

// Key 00..0f and messages 00, 00 01, ...: appendix A of the SipHash paper and the vectors published with it.
TEST_CASE("SipHash-2-4 gives the published values") {
  const SipKey key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  std::string text;
  CHECK(SipHash<2, 4>(key, text) == 0x726fdb47dd0e0e31u);
  for (char c = 0; c < 15; ++c) text += c;
  CHECK(SipHash<2, 4>(key, text) == 0xa129ca6149be45e5u);
}

TEST_CASE("another key gives another hash") {
  CHECK(SipHash<1, 3>({1, 2}, "tenant") != SipHash<1, 3>({1, 3}, "tenant"));
  CHECK(SipHash<1, 3>({1, 2}, "tenant") != SipHash<1, 3>({2, 2}, "tenant"));
}

}  // namespace
}  // namespace mcpgate
