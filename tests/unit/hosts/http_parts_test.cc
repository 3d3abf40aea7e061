// The parts of mcpgate-http that need no process.
#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "http/access_log.h"
#include "http/address.h"
#include "http/client_address.h"
#include "http/health.h"
#include "http/observer.h"
#include "http/router.h"
#include "http/traffic.h"

namespace mcpgate::hosts {
namespace {

TEST_CASE("a place to listen is an address and a port") {
  const struct {
    const char* text;
    const char* address;
    int port;
    bool is_loopback;
  } kRows[] = {{"127.0.0.1:8808", "127.0.0.1", 8808, true},
               {"localhost:80", "127.0.0.1", 80, true},
               {":8808", "127.0.0.1", 8808, true},
               {"9000", "127.0.0.1", 9000, true},
               {"[::1]:0", "::1", 0, true},
               {"127.8.9.1:1", "127.8.9.1", 1, true},
               {"0.0.0.0:443", "0.0.0.0", 443, false},
               {"[::]:443", "::", 443, false},
               {"[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true},
               {"192.0.2.1:1", "192.0.2.1", 1, false}};
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    const absl::StatusOr<ListenAt> at = ListenAt::Parse(row.text);
    REQUIRE(at.ok());
    CHECK(at->address == row.address);
    CHECK(at->port == row.port);
    CHECK(at->is_loopback() == row.is_loopback);
  }
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "::1:80", "[::1]", "example.com:80",
                           "1.2.3.4:65536", "1.2.3.4:-1", "[127.0.0.1:80"}) {
    CAPTURE(text);
    CHECK_FALSE(ListenAt::Parse(text).ok());
  }
}

TEST_CASE("a network holds what its prefix says") {
  const struct {
    const char* network;
    const char* address;
    bool is_in;
  } kRows[] = {{"10.0.0.0/8", "10.255.1.2", true},
               {"10.0.0.0/8", "11.0.0.0", false},
               {"192.0.2.128/25", "192.0.2.127", false},
               {"192.0.2.128/25", "192.0.2.200", true},
               {"0.0.0.0/0", "8.8.8.8", true},
               {"0.0.0.0/0", "2001:db8::1", false},
               {"192.0.2.1", "192.0.2.1", true},
               {"192.0.2.1", "::ffff:192.0.2.1", true},
               {"2001:db8::/33", "2001:db8:8000::", false},
               {"2001:db8::/33", "2001:db8:7fff::1", true},
               {"::/0", "10.0.0.1", true}};
  for (const auto& row : kRows) {
    CAPTURE(row.network);
    CAPTURE(row.address);
    CHECK(IpNetwork::Parse(row.network)->Contains(*IpAddress::Parse(row.address)) == row.is_in);
  }
  for (const char* text : {"", "10/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "any"}) {
    CAPTURE(text);
    CHECK_FALSE(IpNetwork::Parse(text).ok());
  }
}

TEST_CASE("limits by address count an IPv6 /64 as one") {
  const auto partition = [](const char* text) { return AddressPartition(*IpAddress::Parse(text)); };
  CHECK(partition("192.0.2.1") != partition("192.0.2.2"));
  CHECK(partition("::ffff:192.0.2.1") == partition("192.0.2.1"));
  CHECK(partition("2001:db8:1:2::3") == partition("2001:db8:1:2:ffff::9"));
  CHECK(partition("2001:db8:1:2::3") != partition("2001:db8:1:3::3"));
}

std::string ClientOf(std::vector<HttpHeader> headers, std::string_view peer = "10.0.0.1") {
  const std::vector<IpNetwork> trusted = {*IpNetwork::Parse("10.0.0.0/8"), *IpNetwork::Parse("fd00::/8")};
  const HttpRequest request{.headers = headers, .peer = peer};
  const std::optional<IpAddress> client = ClientAddress(request, trusted);
  return client ? client->ToString() : "";
}

TEST_CASE("the client is the first address from the right that is no trusted proxy") {
  CHECK(ClientOf({}) == "10.0.0.1");
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5"}}) == "203.0.113.5");
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5"}}, "198.51.100.1") == "198.51.100.1");
  CHECK(ClientOf({{"x-forwarded-for", "1.1.1.1, 203.0.113.5:4711 , 10.2.3.4"}}) == "203.0.113.5");
  CHECK(ClientOf({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.5"}}) == "203.0.113.5");
  CHECK(ClientOf({{"X-Forwarded-For", "10.9.9.9, 10.2.3.4"}}) == "10.9.9.9");
  CHECK(ClientOf({{"X-Forwarded-For", "2001:db8::7"}}) == "2001:db8::7");
  CHECK(ClientOf({{"Forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43"}}) == "192.0.2.60");
  CHECK(ClientOf({{"Forwarded", "for=1.1.1.1, Proto=https; For=\"[2001:db8:cafe::17]:4711\""}}) ==
        "2001:db8:cafe::17");
}

TEST_CASE("what cannot be read stands for the proxy that passed it on") {
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5, unknown"}}) == "10.0.0.1");
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5, unknown, 10.2.3.4"}}) == "10.2.3.4");
  CHECK(ClientOf({{"X-Forwarded-For", ""}}) == "10.0.0.1");
  CHECK(ClientOf({{"X-Forwarded-For", ","}}) == "10.0.0.1");
  CHECK(ClientOf({{"Forwarded", "for=_hidden"}}) == "10.0.0.1");
  CHECK(ClientOf({{"Forwarded", "proto=https"}}) == "10.0.0.1");
}

TEST_CASE("two fields that disagree are both ignored, as the client wrote one of them") {
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5"}, {"Forwarded", "for=192.0.2.60"}}) == "10.0.0.1");
  CHECK(ClientOf({{"X-Forwarded-For", "203.0.113.5"}, {"Forwarded", "for=203.0.113.5"}}) == "203.0.113.5");
}

TEST_CASE("a path is told from its query") {
  CHECK(ClassOf("/mcp?x=1", "/mcp") == PathClass::kMcp);
  CHECK(ClassOf("/mcp/", "/mcp") == PathClass::kOther);
  CHECK(ClassOf("/readyz?verbose", "/mcp") == PathClass::kReady);
  CHECK(ClassOf("/mcp", "/gate") == PathClass::kOther);
}

TEST_CASE("a key's id is taken only from a well-formed field") {
  const auto key_of = [](std::string_view value) {
    const std::vector<HttpHeader> headers = {{"Authorization", value}};
    return KeyIdOf({.headers = headers});
  };
  CHECK(key_of("Bearer mcpg_k_AHw5J3ySD2eX_secret") == "AHw5J3ySD2eX");
  CHECK(key_of("Bearer mcpg_k_AHw5J3ySD2eX").empty());
  CHECK(key_of("Bearer mcpg_k_AHw5\"3ySD2eX_secret").empty());
  CHECK(key_of("Bearer other").empty());
}

TEST_CASE("a histogram counts each answer in every bucket it fits") {
  Traffic traffic;
  traffic.Answered(PathClass::kMcp, std::chrono::milliseconds(1));
  traffic.Answered(PathClass::kMcp, std::chrono::seconds(60));
  const std::string text = traffic.Text({});
  const std::string name = "mcpgate_http_request_duration_seconds";
  CHECK(text.find(name + "_bucket{path=\"mcp\",le=\"0.0005\"} 0\n") != std::string::npos);
  CHECK(text.find(name + "_bucket{path=\"mcp\",le=\"0.001\"} 1\n") != std::string::npos);
  CHECK(text.find(name + "_bucket{path=\"mcp\",le=\"10\"} 1\n") != std::string::npos);
  CHECK(text.find(name + "_bucket{path=\"mcp\",le=\"+Inf\"} 2\n") != std::string::npos);
  CHECK(text.find(name + "_sum{path=\"mcp\"} 60.001\n") != std::string::npos);
}

TEST_CASE("a code that is not on the list is counted as other") {
  Traffic traffic;
  traffic.Refused(418);
  CHECK(traffic.Text({}).find("mcpgate_http_refusals_total{code=\"other\"} 1\n") != std::string::npos);
}

TEST_CASE("it is ready only between start and end, and when every check that decides is well") {
  bool well = true;
  const auto checks = [&well] {
    return std::vector<HealthCheck>{{.name = "disk", .ok = well},
                                    {.name = "upstream", .ok = false, .note = "slow", .decides = false}};
  };
  HealthMonitor monitor(checks, std::chrono::hours(1));
  CHECK_FALSE(monitor.Report().ready());
  monitor.SetServing();
  CHECK(monitor.Report().ready());
  CHECK(monitor.Report().ToJson()["checks"]["upstream"]["note"] == "slow");
  monitor.SetDraining();
  CHECK_FALSE(monitor.Report().ready());
  CHECK(monitor.Report().ToJson()["checks"]["serving"]["note"] == "draining");
  well = false;
  HealthMonitor sick(checks, std::chrono::hours(1));
  sick.SetServing();
  CHECK_FALSE(sick.Report().ready());
}

TEST_CASE("an access log whose reader sleeps drops lines, counts them, and still ends") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  {
    AccessLog log(true, ends[1]);
    const AccessEntry entry{.method = "POST", .path = "mcp", .status = 200, .peer = "192.0.2.1"};
    for (int i = 0; i < 100'000 && log.dropped() == 0; ++i) log.Write(entry);
    CHECK(log.dropped() > 0);
  }
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("an access log that is off writes nothing until it is switched on") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  {
    AccessLog log(false, ends[1]);
    log.Write({.method = "GET", .path = "other"});
    log.Switch(true);
    log.Write({.method = "PUT", .path = "other"});
  }
  close(ends[1]);
  char text[1000];
  const ssize_t size = read(ends[0], text, sizeof text);
  close(ends[0]);
  REQUIRE(size > 0);
  const std::string line(text, static_cast<std::size_t>(size));
  CHECK(line.find("GET") == std::string::npos);
  CHECK(line.find("\"method\":\"PUT\"") != std::string::npos);
  CHECK(line.ends_with("\n"));
}

}  // namespace
}  // namespace mcpgate::hosts
