#include "keys/crc32.h"

#include <array>
#include <cstddef>

namespace mcpgate {
namespace {

// Slicing by eight: table k advances a byte that has k more bytes behind it.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables kTables = [] {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}();

std::uint32_t Byte(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

std::uint32_t EightBytes(std::uint32_t crc, std::string_view text) {
  crc ^= Byte(text, 0) | (Byte(text, 1) << 8) | (Byte(text, 2) << 16) | (Byte(text, 3) << 24);
  return kTables[7][crc & 0xff] ^ kTables[6][(crc >> 8) & 0xff] ^ kTables[5][(crc >> 16) & 0xff] ^
         kTables[4][crc >> 24] ^ kTables[3][Byte(text, 4)] ^ kTables[2][Byte(text, 5)] ^
         kTables[1][Byte(text, 6)] ^ kTables[0][Byte(text, 7)];
}

}  // namespace

std::uint32_t Crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffffu;
  for (; text.size() >= 8; text.remove_prefix(8)) crc = EightBytes(crc, text);
  for (; !text.empty(); text.remove_prefix(1)) crc = (crc >> 8) ^ kTables[0][(crc ^ Byte(text, 0)) & 0xff];
  return crc ^ 0xffffffffu;
}

}  // namespace mcpgate
