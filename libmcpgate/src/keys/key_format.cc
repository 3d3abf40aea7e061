#include "keys/key_format.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "keys/base62.h"
#include "keys/crc32.h"

namespace mcpgate {
namespace {

constexpr std::string_view kKinds = "ksb";  // in the order of KeyKind
constexpr std::size_t kKindLength = 3;      // _k_
constexpr std::size_t kSecretBytes = 24;
constexpr std::size_t kSecretLength = 33;  // the least n with 62^n >= 2^192
constexpr std::size_t kCrcLength = 6;      // the least n with 62^n >= 2^32
constexpr std::size_t kTailLength = kSecretLength + kCrcLength;

bool HasCrc(std::string_view token) {
  const std::size_t covered = token.size() - kCrcLength;
  std::array<char, kCrcLength> crc;
  WriteBase62(Crc32(token.substr(0, covered)), kCrcLength, crc.data());
  return token.substr(covered) == std::string_view(crc.data(), crc.size());
}

}  // namespace

bool IsBrand(std::string_view brand) {
  return brand.size() >= 2 && brand.size() <= 16 && std::all_of(brand.begin(), brand.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

bool IsKeyId(std::string_view id) { return id.size() == kKeyIdLength && IsBase62(id); }

std::string NewKeyId() { return RandomBase62(kKeyIdLength); }

Secret MakeToken(std::string_view brand, KeyKind kind, std::string_view id) {
  const Secret random = RandomSecret(kSecretBytes);
  std::string token;
  token.reserve(brand.size() + kKindLength + id.size() + 1 + kTailLength);  // no copy is left behind
  token.append(brand).append("_").append(1, kKinds[static_cast<std::size_t>(kind)]).append("_");
  token.append(id).append("_");
  AppendBase62(token, RevealSecret(random), kSecretLength);
  const std::uint32_t crc = Crc32(token);
  token.resize(token.size() + kCrcLength);
  WriteBase62(crc, kCrcLength, token.data() + token.size() - kCrcLength);
  return Secret::Take(token);
}

std::optional<std::string_view> ClaimedId(std::string_view brand, std::string_view token) {
  const std::size_t id_at = brand.size() + kKindLength;
  if (token.size() != id_at + kKeyIdLength + 1 + kTailLength) return std::nullopt;
  return token.substr(id_at, kKeyIdLength);
}

std::optional<std::string_view> ParseToken(std::string_view brand, std::string_view token) {
  const std::optional<std::string_view> id = ClaimedId(brand, token);
  if (!id) return std::nullopt;
  const std::size_t tail_at = token.size() - kTailLength;
  const std::string_view mark = token.substr(brand.size(), kKindLength);
  const bool is_marked = mark.front() == '_' && mark.back() == '_' && kKinds.find(mark[1]) != kKinds.npos;
  if (token.substr(0, brand.size()) != brand || !is_marked || token[tail_at - 1] != '_') {
    return std::nullopt;
  }
  if (!IsBase62(*id) || !IsBase62(token.substr(tail_at)) || !HasCrc(token)) return std::nullopt;
  return id;
}

}  // namespace mcpgate
