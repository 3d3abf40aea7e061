#include "net/public_address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <string>

namespace mcpgate::net {
namespace {

bool IsPublic(const std::string& text) {
  if (text.find(':') == std::string::npos) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text.c_str(), &in.sin_addr) == 1);
    return IsPublicAddress(reinterpret_cast<const sockaddr&>(in));
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  REQUIRE(inet_pton(AF_INET6, text.c_str(), &in.sin6_addr) == 1);
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(in));
}

TEST_CASE("addresses of the internet are public") {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888",
        "2003::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    CAPTURE(text);
    CHECK(IsPublic(text));
  }
}

TEST_CASE("loopback, private, link-local and reserved addresses are not, however they are wrapped") {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "3fff:fff::1",
                           "100::1"}) {
    CAPTURE(text);
    CHECK_FALSE(IsPublic(text));
  }
}

TEST_CASE("what is no address of the internet's two kinds is not public") {
  const sockaddr local{.sa_family = AF_UNIX, .sa_data = {}};
  CHECK_FALSE(IsPublicAddress(local));
}

}  // namespace
}  // namespace mcpgate::net
