// The parts that know no sockets.
#include <doctest/doctest.h>

#include <string>

#include "transport/http/head_scan.h"
#include "transport/http/input_buffer.h"
#include "transport/http/response_text.h"

namespace mcpgate::http {
namespace {

TEST_CASE("an answer is one text, in the form of RFC 9112") {
  std::string out;
  AppendAnswer({.status = 404, .headers = {{"X-A", "b"}}, .body = "none"}, DateLine(784111777), false, true,
               out);
  CHECK(out ==
        "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-A: b\r\nConnection: close\r\n"
        "Content-Length: 4\r\n\r\nnone");
  out.clear();
  AppendAnswer({.status = 299}, "", true, false, out);
  CHECK(out == "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("chunks have their size in hexadecimal") {
  std::string out;
  AppendChunk(std::string(31, 'a'), out);
  AppendChunk("", out);
  CHECK(out == "1f\r\n" + std::string(31, 'a') + "\r\n");
}

TEST_CASE("the end of a head is found wherever its bytes are cut") {
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody";
  for (std::size_t cut = 0; cut < text.size() - 4; ++cut) {
    CAPTURE(cut);
    HeadScan scan(100, 10);
    REQUIRE(scan.Look(std::string_view(text).substr(0, cut)) == HeadScan::Found::kNeedMore);
    REQUIRE(scan.Look(text) == HeadScan::Found::kHead);
    REQUIRE(scan.size() == text.size() - 4);
  }
}

TEST_CASE("input keeps its bytes in order while room is made") {
  InputBuffer in;
  std::string expected;
  for (int round = 0; round < 1000; ++round) {
    const std::size_t size = static_cast<std::size_t>(round * 37 % 300);
    const std::span<char> room = in.Room(size);
    REQUIRE(room.size() >= size);
    for (std::size_t i = 0; i < size; ++i) room[i] = static_cast<char>(round + static_cast<int>(i));
    expected.append(room.data(), size);
    in.Commit(size);
    REQUIRE((in.view() == expected));
    const std::size_t used =
        std::min<std::size_t>(expected.size(), static_cast<std::size_t>(round * 53 % 310));
    in.Consume(used);
    expected.erase(0, used);
    in.Shrink(0);
  }
}

}  // namespace
}  // namespace mcpgate::http
