// The parser on every cut of good requests, and on many broken ones.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "transport/http/framing.h"
#include "transport/http/head_scan.h"
#include "transport/http/request_parser.h"

namespace mcpgate::http {
namespace {

constexpr std::string_view kHead = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

// A body as it arrives: `bytes` in pieces of `piece`, what was not taken kept.
RequestParser::Progress Feed(RequestParser& parser, std::string_view bytes, std::size_t piece,
                             std::string& body) {
  std::string kept;
  RequestParser::Progress progress;
  while (!bytes.empty() && !progress.is_done && progress.refusal == 0) {
    kept.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    progress = parser.ParseBody(kept, 1000, body);
    kept.erase(0, progress.taken);
  }
  return progress;
}

TEST_CASE("a chunked body reads the same in pieces of any size") {
  const std::pair<std::string_view, std::string_view> kBodies[] = {
      {"0\r\n\r\n", ""},
      {"000;x\r\n\r\n", ""},
      {"0\r\nA: b\r\nC: d\r\n\r\n", ""},
      {"1\r\na\r\n0\r\n\r\n", "a"},
      {"3;a=b;c=\"d\"\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n", "abc\r\n"},
  };
  RequestParser parser;
  RequestHead head;
  for (const auto& row : kBodies) {
    const std::string_view bytes = row.first, expected = row.second;
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      CAPTURE(bytes);
      CAPTURE(piece);
      REQUIRE(parser.ParseHead(kHead, head) == 0);
      std::string body;
      CHECK(Feed(parser, bytes, piece, body).is_done);
      CHECK(body == expected);
    }
  }
}

TEST_CASE("no bytes break the parser") {
  const std::string_view kSeeds[] = {
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close, x\r\n\r\nabcde",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n\r\n",
  };
  const std::string_view kWords[] = {"\r\n",
                                     "\r",
                                     "\n",
                                     "0\r\n\r\n",
                                     ";",
                                     "=",
                                     "\"",
                                     "ffffffffffffffff",
                                     " ",
                                     "\t",
                                     ":",
                                     "0",
                                     "\r\n\r\n",
                                     "Transfer-Encoding: chunked\r\n",
                                     "Content-Length: 1\r\n"};
  std::mt19937 random(20261121);
  RequestParser parser;
  RequestHead head;
  int parsed = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text(kSeeds[random() % std::size(kSeeds)]);
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 4);
          text += 'x';
          break;
        default:
          text.insert(at, kWords[random() % std::size(kWords)]);
      }
    }
    HeadScan scan(1000, 20);
    if (scan.Look(text) != HeadScan::Found::kHead) continue;
    Framing framing;
    if (parser.ParseHead(std::string_view(text).substr(0, scan.size()), head) != 0) continue;
    if (ReadFraming(head.headers, head.is_http11, framing) != 0 || !framing.has_body()) continue;
    std::string body;
    Feed(parser, std::string_view(text).substr(scan.size()), 1 + random() % 9, body);
    CHECK(body.size() <= 1000);
    ++parsed;
  }
  CHECK(parsed > 1000);
}

}  // namespace
}  // namespace mcpgate::http
