#include "keys/token_strength.h"

#include <algorithm>
#include <bitset>

namespace mcpgate {

bool IsStrongToken(std::string_view token, std::size_t shortest) {
  constexpr std::size_t kLongest = 512;
  constexpr std::size_t kDistinct = 8;
  if (token.size() < shortest || token.size() > kLongest) return false;
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; })) return false;
  std::bitset<128> seen;
  for (const char c : token) seen.set(static_cast<std::size_t>(c));
  return seen.count() >= kDistinct;
}

}  // namespace mcpgate
