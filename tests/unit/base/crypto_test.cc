#include "base/crypto.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

// The reference implementation's vectors for SipHash-2-4-128 (vectors_sip128): key 00 ... 0f, message 00 01
// ...
TEST_CASE("short tags are SipHash-2-4 with 128 bits") {
  std::string key, message;
  for (char byte = 0; byte < 16; ++byte) key += byte;
  CHECK(HexEncode(ShortTagOf(Secret(key), message)) == "a3817f04ba25a8e66df67214c7550293");
  message += '\0';
  CHECK(HexEncode(ShortTagOf(Secret(key), message)) == "da87c1d86b99af44347659119b22fc45");
  message += '\1';
  CHECK(HexEncode(ShortTagOf(Secret(key), message)) == "8177228da4a45dc7fca38bdef60affe4");
}

TEST_CASE("tags of other texts or under other keys differ") {
  const Secret key = RandomSecret(16);
  CHECK(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(key, "token")));
  CHECK_FALSE(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(key, "tokem")));
  CHECK_FALSE(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(RandomSecret(16), "token")));
}

}  // namespace
}  // namespace mcpgate
