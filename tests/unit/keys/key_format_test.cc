#include "keys/key_format.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>
#include <string>

#include "keys/base62.h"
#include "keys/crc32.h"

namespace mcpgate {
namespace {

// Made with another implementation (Python integers and zlib.crc32).
constexpr std::string_view kKnownToken = "mcpg_k_0123456789AB_00fnYAQKBwXJ0DMxbwWuazpTQt4v6hH5s1E6wbm";

std::string TokenText() {
  return std::string(RevealSecret(MakeToken("mcpg", KeyKind::kKey, "0123456789AB")));
}

// The CRC put right again, so that only the form itself is in question.
std::string WithCrc(std::string token) {
  WriteBase62(Crc32(std::string_view(token).substr(0, token.size() - 6)), 6, token.data() + token.size() - 6);
  return token;
}

TEST_CASE("base62 has a fixed width and known values") {
  std::string text;
  AppendBase62(text, std::string(24, '\0'), 33);
  CHECK(text == std::string(33, '0'));
  text.clear();
  AppendBase62(text, std::string(24, '\xff'), 33);
  CHECK(text == "2lFA6LboL2xx0ldQH2K1TdSrwuqMMiME3");
  text = "x";
  std::string bytes(24, '\0');
  std::iota(bytes.begin(), bytes.end(), '\1');
  AppendBase62(text, bytes, 33);
  CHECK(text == "x00fnYAQKBwXJ0DMxbwWuazpTQt4v6hH5s");
  std::string six(6, ' ');
  WriteBase62(0xffffffffu, 6, six.data());
  CHECK(six == "4gfFC3");
}

TEST_CASE("random base62 has its length and uses the whole alphabet") {
  const std::string text = RandomBase62(5000);
  CHECK(text.size() == 5000);
  CHECK(IsBase62(text));
  CHECK(std::set<char>(text.begin(), text.end()).size() == 62);
}

TEST_CASE("a known token has the form") { CHECK(ParseToken("mcpg", kKnownToken) == "0123456789AB"); }

TEST_CASE("a fresh token has the documented form and gives its id back") {
  const std::string token = TokenText();
  CHECK(token.size() == 59);
  CHECK(token.substr(0, 20) == "mcpg_k_0123456789AB_");
  CHECK(ParseToken("mcpg", token) == "0123456789AB");
  CHECK(token != TokenText());
}

TEST_CASE("every change of one character is noticed") {
  const std::string token = TokenText();
  int unnoticed = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = token;
      changed[i] = static_cast<char>(c);
      unnoticed += changed != token && ParseToken("mcpg", changed).has_value() ? 1 : 0;
    }
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("two neighbours swapped, a character lost or one too many are noticed") {
  const std::string token = TokenText();
  int unnoticed = 0;
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string swapped = token, shorter = token, longer = token;
    std::swap(swapped[i], swapped[i + 1]);
    shorter.erase(i, 1);
    longer.insert(i, 1, '0');
    for (const std::string& changed : {swapped, shorter, longer}) {
      unnoticed += changed != token && ParseToken("mcpg", changed).has_value() ? 1 : 0;
    }
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("a right CRC does not excuse a wrong form") {
  const std::string token = TokenText();
  REQUIRE(ParseToken("mcpg", WithCrc(token)).has_value());
  for (const std::size_t at : {4, 5, 6, 7, 18, 19, 20, 52}) {
    std::string changed = token;
    changed[at] = '-';
    CAPTURE(at);
    CHECK_FALSE(ParseToken("mcpg", WithCrc(changed)).has_value());
  }
  CHECK_FALSE(ParseToken("mcpq", WithCrc(token)).has_value());
  CHECK_FALSE(ParseToken("mcp", WithCrc(token)).has_value());
  CHECK_FALSE(ParseToken("mcpg", "").has_value());
}

TEST_CASE("a brand is 2 to 16 small letters and digits") {
  for (const char* good : {"ab", "mcpg", "0123456789abcdef"}) CHECK(IsBrand(good));
  for (const char* bad : {"", "a", "0123456789abcdefg", "Ab", "a_b", "a b", "\xc3\xa4x"}) {
    CHECK_FALSE(IsBrand(bad));
  }
}

}  // namespace
}  // namespace mcpgate
