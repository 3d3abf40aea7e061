// Requests that two servers could read differently, and other nonsense.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>

#include "served.h"

namespace mcpgate {
namespace {

using namespace testing;
using namespace std::string_view_literals;

struct Bad {
  const char* what;
  std::string_view request;
  int status;
};

const Bad kBad[] = {
    {"both a length and chunks",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"both, the other way round",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
    {"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", 400},
    {"the same length twice",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nabcd", 400},
    {"a length with a sign", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd", 400},
    {"a negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\nabcd", 400},
    {"a hexadecimal length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nabcd", 400},
    {"an empty length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nabcd", 400},
    {"a length beyond 64 bits", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\na",
     400},
    {"another coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"another coding under chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
     501},
    {"chunks under another coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, x\r\n\r\n",
     501},
    {"something like chunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunked twice",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     400},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", 400},
    {"a folded first line", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"a space before the colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd", 400},
    {"a space in a name", "GET / HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n", 400},
    {"no name", "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400},
    {"no colon", "GET / HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n", 400},
    {"a NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n"sv, 400},
    {"a NUL in a name", "GET / HTTP/1.1\r\nHost: x\r\nX\0A: b\r\n\r\n"sv, 400},
    {"a CR in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\rc\r\n\r\n", 400},
    {"lines that end in LF alone", "GET / HTTP/1.1\nHost: x\n\n", 400},
    {"one line that ends in LF alone", "GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", 400},
    {"a head that ends in LF alone", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
    {"a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 505},
    {"a control character in the target", "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no method", " / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no version", "GET /\r\nHost: x\r\n\r\n", 400},
    {"an older version", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
    {"a newer version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
    {"the greeting of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400},
    {"a TLS hello", "\x16\x03\x01\x02\x00\x01", 400},
    {"an expectation nobody knows", "GET / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n", 417},
    {"a chunk without a size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n", 400},
    {"a chunk size that is none",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n", 400},
    {"a negative chunk size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n", 400},
    {"a chunk size with a prefix",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400},
    {"a chunk size beyond 64 bits",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
     400},
    {"a chunk longer than its size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400},
    {"a length among the trailers",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\n\r\n", 400},
};

TEST_CASE("a request in doubt is refused, once, and its connection closed") {
  std::atomic<int> handled = 0;
  Served served([&](const HttpRequest&, const Exchange&) { ++handled; });
  for (const Bad& bad : kBad) {
    CAPTURE(bad.what);
    Client client(served.port);
    client.Send(bad.request);
    client.Send(kGet);  // must not be taken for a request of its own
    const Answer answer = client.Read();
    CHECK(answer.status == bad.status);
    CHECK(answer.is_whole);
    CHECK(answer.Field("Connection") == "close");
    client.HalfClose();
    CHECK(client.IsClosed());
  }
  CHECK(handled == 0);
}

TEST_CASE("a chunked line or trailer without an end is bounded") {
  Served served(Echo, {.threads = 1, .max_header = 1024});
  for (const char* body : {"3;", "0\r\nX: "}) {
    CAPTURE(body);
    Client client(served.port);
    client.Send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.Send(body + std::string(3000, 'a'));
    const int status = client.Read().status;
    CHECK((status == 431 || status == 400));
    client.HalfClose();
    CHECK(client.IsClosed());
  }
}

}  // namespace
}  // namespace mcpgate
