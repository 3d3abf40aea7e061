#include "keys/network.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using Ring = testing::KeyringFixture;

TEST_CASE("a network has one text, and what is none is refused") {
  for (const auto& [text, canonical] :
       {std::pair<std::string, std::string>{"203.0.113.0/24", "203.0.113.0/24"},
        {"192.0.2.7", "192.0.2.7"},
        {"192.0.2.7/32", "192.0.2.7"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"2001:DB8::/32", "2001:db8::/32"},
        {"::1", "::1"},
        {"::/0", "::/0"}}) {
    CAPTURE(text);
    REQUIRE(ParseNetwork(text).has_value());
    CHECK(NetworkText(*ParseNetwork(text)) == canonical);
  }
  for (const std::string text :
       {"", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/24", "1.2.3/24", "::1/129", "2001:db8::1/32",
        "1.2.3.4/-0", "localhost", "1.2.3.4/0x8", "1.2.3.4/0024"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseNetwork(text).has_value());
  }
}

TEST_CASE("a network contains the addresses of its prefix, IPv4 in IPv6 clothes too") {
  const auto contains = [](const char* network, const char* address) {
    return Contains(*ParseNetwork(network), address);
  };
  CHECK(contains("203.0.113.0/24", "203.0.113.255"));
  CHECK(contains("203.0.113.0/24", "::ffff:203.0.113.9"));
  CHECK_FALSE(contains("203.0.113.0/24", "203.0.114.0"));
  CHECK(contains("203.0.113.128/25", "203.0.113.129"));
  CHECK_FALSE(contains("203.0.113.128/25", "203.0.113.127"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("::/0", "198.51.100.1"));
  CHECK_FALSE(contains("::/0", ""));
  CHECK_FALSE(contains("::/0", "unix"));
}

TEST_CASE("a key bound to networks is refused from elsewhere, and where there is no address") {
  Ring keys;
  const IssuedKey key = keys.Issue({.name = "k", .networks = {"203.0.113.0/24", "2001:db8::/32"}});
  for (int round = 0; round < 2; ++round) {  // from the store, then from memory
    CHECK(keys.ring->Verify(key.token, "203.0.113.9")->refusal == KeyRefusal::kNone);
    CHECK(keys.ring->Verify(key.token, "2001:db8::9")->refusal == KeyRefusal::kNone);
    CHECK(keys.ring->Verify(key.token, "198.51.100.1")->refusal == KeyRefusal::kNetwork);
    CHECK(keys.ring->Verify(key.token)->refusal == KeyRefusal::kNetwork);
  }
}

}  // namespace
}  // namespace mcpgate
