#include "mcpgate/secret.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <utility>

#include "base/crypto.h"

namespace mcpgate {
namespace {

TEST_CASE("a secret prints as a placeholder") {
  std::ostringstream out;
  out << Secret("hunter2");
  CHECK(out.str() == "[secret]");
}

TEST_CASE("secrets compare by content") {
  CHECK(Secret("abc") == Secret("abc"));
  CHECK_FALSE(Secret("abc") == Secret("abd"));
  CHECK_FALSE(Secret("abc") == Secret("ab"));
  CHECK(Secret() == Secret(""));
}

TEST_CASE("taking wipes the source and moving empties it") {
  std::string source = "hunter2";
  Secret first = Secret::Take(source);
  CHECK(source.empty());
  Secret second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  Secret copy = second;
  second = Secret();
  CHECK(RevealSecret(copy) == "hunter2");
}

TEST_CASE("derived secrets differ by purpose and by root") {
  const Secret root(std::string(32, 'r'));
  CHECK(DeriveSecret(root, "pepper") == DeriveSecret(root, "pepper"));
  CHECK_FALSE(DeriveSecret(root, "pepper") == DeriveSecret(root, "rows"));
  CHECK_FALSE(DeriveSecret(root, "pepper") == DeriveSecret(Secret(std::string(32, 's')), "pepper"));
  CHECK(DeriveSecret(root, "pepper").size() == 32);
}

TEST_CASE("keyed BLAKE2b separates parts and purposes") {
  const Secret key(std::string(32, 'k'));
  CHECK(Blake2b(key, "p").Add("ab").Add("c").Finish() == KeyedHash(key, "p", "abc"));
  CHECK(Blake2b(key, "p").AddField("ab").AddField("c").Finish() !=
        Blake2b(key, "p").AddField("a").AddField("bc").Finish());
  CHECK(KeyedHash(key, "p", "abc") != KeyedHash(key, "q", "abc"));
}

TEST_CASE("base64url goes there and back and refuses what is not base64url") {
  std::string back;
  CHECK(Base64UrlEncode(std::string("\xff\xfe\x00z", 4)) == "__4Aeg");
  REQUIRE(Base64UrlDecode("__4Aeg", back));
  CHECK(back == std::string("\xff\xfe\x00z", 4));
  CHECK_FALSE(Base64UrlDecode("a", back));
  CHECK_FALSE(Base64UrlDecode("+/==", back));
  CHECK_FALSE(Base64UrlDecode("AAAA!", back));
}

}  // namespace
}  // namespace mcpgate
