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

// RFC 4231, test cases 2 and 6 (a key longer than a block), and the example of Standard Webhooks.
TEST_CASE("HMAC-SHA256 gives what the standards' examples give") {
  CHECK(HexEncode(HmacSha256(Secret("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(HexEncode(HmacSha256(Secret(std::string(131, '\xaa')),
                             "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  std::string key;
  REQUIRE(Base64Decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", key));
  const Digest signature =
      HmacSha256(Secret(key), "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
  CHECK(Base64Encode(AsView(signature)) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("tags of other texts or under other keys differ") {
  const Secret key = RandomSecret(16);
  CHECK(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(key, "token")));
  CHECK_FALSE(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(key, "tokem")));
  CHECK_FALSE(ConstantTimeEqual(ShortTagOf(key, "token"), ShortTagOf(RandomSecret(16), "token")));
}

}  // namespace
}  // namespace mcpgate
