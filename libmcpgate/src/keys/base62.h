// Base62 of fixed width: digits, capitals, small letters, most significant first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgate {

inline constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool IsBase62(std::string_view text);
/// Appends the big-endian number `bytes` in exactly `width` digits. What does not fit is lost.
void AppendBase62(std::string& out, std::string_view bytes, std::size_t width);
/// Writes `number` into `width` digits at `out`.
void WriteBase62(std::uint32_t number, std::size_t width, char* out);
/// `length` characters, each uniform over the 62.
std::string RandomBase62(std::size_t length);

}  // namespace mcpgate
