#include "keys/base62.h"

#include <array>
#include <utility>

#include "base/crypto.h"

namespace mcpgate {
namespace {

constexpr auto kIsDigit = [] {
  std::array<bool, 256> table{};
  for (const char c : kBase62) table[static_cast<std::uint8_t>(c)] = true;
  return table;
}();

// One step of long division, in place. Returns the remainder.
std::uint32_t DivideBy62(std::string& number) {
  std::uint32_t rest = 0;
  for (char& byte : number) {
    const std::uint32_t value = (rest << 8) | static_cast<std::uint8_t>(byte);
    byte = static_cast<char>(value / 62);
    rest = value % 62;
  }
  return rest;
}

}  // namespace

bool IsBase62(std::string_view text) {
  bool all = true;  // no early exit: a good text is the common one
  for (const char c : text) all &= kIsDigit[static_cast<std::uint8_t>(c)];
  return all;
}

void AppendBase62(std::string& out, std::string_view bytes, std::size_t width) {
  std::string number(bytes);
  const std::size_t begin = out.size();
  out.resize(begin + width);
  for (std::size_t i = width; i-- > 0;) out[begin + i] = kBase62[DivideBy62(number)];
  const Secret wiped = Secret::Take(number);
}

void WriteBase62(std::uint32_t number, std::size_t width, char* out) {
  for (std::size_t i = width; i-- > 0; number /= 62) out[i] = kBase62[number % 62];
}

std::string RandomBase62(std::size_t length) {
  constexpr std::uint8_t kFair = 62 * 4;  // bytes from here on would favour the first digits
  std::string text;
  std::array<std::uint8_t, 32> bytes;
  while (text.size() < length) {
    FillRandom(bytes);
    for (const std::uint8_t byte : bytes) {
      if (byte < kFair && text.size() < length) text += kBase62[byte % 62];
    }
  }
  return text;
}

}  // namespace mcpgate
