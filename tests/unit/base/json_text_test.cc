#include "base/json_text.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "mcpgate/json.h"

namespace mcpgate {
namespace {

std::string Written(std::string_view text, std::size_t max_bytes = 100'000) {
  std::string out;
  AppendJsonString(out, text, max_bytes);
  return out;
}

std::string ByNlohmann(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

TEST_CASE("every byte is written as nlohmann writes it") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), 'z'};
    CAPTURE(byte);
    CHECK(Written(text) == ByNlohmann(text));
  }
}

TEST_CASE("a byte that is not plain is found wherever it stands in a longer text") {
  int differences = 0;
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = static_cast<char>(byte);
      differences += Written(text) != DumpJson(Json(text)) ? 1 : 0;
    }
  }
  CHECK(differences == 0);
}

// Bytes are drawn mostly from those at which UTF-8 decoders part ways.
TEST_CASE("random bytes are written as nlohmann writes them") {
  constexpr std::string_view kBytes =
      "a\"\\\n\x1f\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff";
  std::mt19937 random(7);
  int differences = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t length = random() % 9; length > 0; --length) text += kBytes[random() % kBytes.size()];
    differences += Written(text) != ByNlohmann(text) ? 1 : 0;
    differences += Written(CleanText(text, 100)) != Written(text) ? 1 : 0;
  }
  CHECK(differences == 0);
}

TEST_CASE("UTF-8 is what comes back whole") {
  constexpr std::string_view kBytes =
      "a\x1f\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff";
  std::mt19937 random(11);
  int differences = 0, good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t length = random() % 7; length > 0; --length) text += kBytes[random() % kBytes.size()];
    const bool same = Json::parse(ByNlohmann(text)) == Json(text);
    differences += same != IsUtf8(text) ? 1 : 0;
    good += same ? 1 : 0;
  }
  CHECK(differences == 0);
  CHECK(good > 1'000);
}

TEST_CASE("a long text is cut between characters and says so") {
  CHECK(Written("abcdef", 6) == "\"abcdef\"");
  CHECK(Written("abcdefg", 6) == "\"abcdef…\"");
  CHECK(Written("aé", 2) == "\"a…\"");
  CHECK(Written("a字b", 3) == "\"a…\"");
  CHECK(Written("a字b", 4) == "\"a字…\"");
  CHECK(Written("a😀b", 4) == "\"a…\"");
  CHECK(Written("a", 0) == "\"…\"");
  CHECK(CleanText("字字", 4) == "字…");
}

TEST_CASE("a text of nothing but continuation bytes is cut too") {
  const std::string text(100, '\x80');
  CHECK(CleanText(text, 10).size() <= 10 * 3 + 3);
}

}  // namespace
}  // namespace mcpgate
