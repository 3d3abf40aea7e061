// CRC-32 of IEEE 802.3 (reflected, 0xEDB88320), as in zip and PNG: Crc32("123456789") is cbf43926.
#pragma once

#include <cstdint>
#include <string_view>

namespace mcpgate {

std::uint32_t Crc32(std::string_view text);

}  // namespace mcpgate
