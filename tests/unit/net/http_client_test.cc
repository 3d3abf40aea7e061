#include "net/http_client.h"

#include <doctest/doctest.h>

namespace mcpgate::net {
namespace {

TEST_CASE("a header is found whatever its case, and the first one wins") {
  HttpHeaders headers;
  headers.Add("X-RateLimit-Bucket", "abc");
  headers.Add("x-ratelimit-bucket", "second");
  REQUIRE(headers.Find("x-RATELIMIT-bucket") != nullptr);
  CHECK(*headers.Find("x-RATELIMIT-bucket") == "abc");
  CHECK(headers.Find("x-ratelimit-bucke") == nullptr);
}

TEST_CASE("a failure says whether the request may have reached the server") {
  CHECK(DeliveryOf(TransportError(absl::StatusCode::kUnavailable, "x", Delivery::kNotSent)) ==
        Delivery::kNotSent);
  CHECK(DeliveryOf(TransportError(absl::StatusCode::kUnavailable, "x", Delivery::kMaybeSent)) ==
        Delivery::kMaybeSent);
  CHECK(DeliveryOf(absl::InternalError("says nothing")) == Delivery::kMaybeSent);
}

TEST_CASE("a request that could smuggle something onto the wire is refused") {
  struct Row {
    const char* what;
    HttpRequest request;
  };
  HttpRequest good{.method = "POST", .url = "https://discord.com/api/v10/x"};
  std::vector<Row> rows;
  for (const char* url :
       {"", "ftp://host/", "https://", "https:///path", "http://host/a b", "http://h\r\n/"}) {
    rows.push_back({url, {.method = "GET", .url = url}});
  }
  for (const char* method : {"", "get", "CONNECT", "GET /x HTTP/1.1\r\nA: b"}) {
    rows.push_back({method, {.method = method, .url = good.url}});
  }
  HttpRequest bad_name = good, bad_value = good;
  bad_name.headers.Add("A b", "c");
  bad_value.headers.Add("A", "c\r\nD: e");
  rows.push_back({"header name", bad_name});
  rows.push_back({"header value", bad_value});
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const absl::Status status = CheckHttpRequest(row.request);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(DeliveryOf(status) == Delivery::kNotSent);
  }
  CHECK(CheckHttpRequest(good).ok());
}

TEST_CASE("loopback is told by how the host is written") {
  for (const char* url : {"http://127.0.0.1:80/x", "http://localhost", "http://LocalHost:1",
                          "http://[::1]:9/", "https://127.8.0.1?x"}) {
    CAPTURE(url);
    CHECK(IsLoopback(url));
  }
  for (const char* url : {"http://127.evil.example/", "http://localhost.example", "https://discord.com",
                          "http://user@localhost", "nothing", "http://[::2]/"}) {
    CAPTURE(url);
    CHECK_FALSE(IsLoopback(url));
  }
  CHECK(OriginOf("https://discord.com/api/v10") == "https://discord.com");
}

}  // namespace
}  // namespace mcpgate::net
