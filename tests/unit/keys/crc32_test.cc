#include "keys/crc32.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate {
namespace {

// The check values published for CRC-32/ISO-HDLC, and zlib's for the rest.
TEST_CASE("CRC-32 gives the published check values") {
  CHECK(Crc32("") == 0);
  CHECK(Crc32("a") == 0xe8b7be43u);
  CHECK(Crc32("123456789") == 0xcbf43926u);
  CHECK(Crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339u);
  CHECK(Crc32(std::string(32, '\0')) == 0x190a55adu);
}

TEST_CASE("slicing by eight agrees with the definition at every length") {
  std::string text;
  for (int length = 0; length < 70; ++length) {
    std::uint32_t crc = 0xffffffffu;
    for (const char c : text) {
      crc ^= static_cast<std::uint8_t>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    }
    CHECK(Crc32(text) == (crc ^ 0xffffffffu));
    text += static_cast<char>(length * 37 + 200);
  }
}

}  // namespace
}  // namespace mcpgate
