// File: base/crypto.h
//
// The few primitives mcpgate needs, all libsodium's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mcpgate/export.h"
#include "mcpgate/secret.h"

namespace mcpgate {

using Digest = std::array<std::uint8_t, 32>;

/// Blake2b
///
/// Keyed BLAKE2b-256 over parts, with a personal string of at most 16 bytes that separates purposes. Not
/// thread-safe.
class MCPGATE_EXPORT Blake2b {
 public:
  Blake2b(const Secret& key, std::string_view personal);
  Blake2b& Add(std::string_view part);
  /// A length-prefixed part, so that ("ab","c") and ("a","bc") differ.
  Blake2b& AddField(std::string_view part);
  Blake2b& AddNumber(std::int64_t number);
  Digest Finish();

 private:
  alignas(64) std::array<unsigned char, 384> state_;
};

MCPGATE_EXPORT Digest KeyedHash(const Secret& key, std::string_view personal, std::string_view message);
MCPGATE_EXPORT bool ConstantTimeEqual(const Digest& a, const Digest& b);
MCPGATE_EXPORT void FillRandom(std::span<std::uint8_t> bytes);
MCPGATE_EXPORT std::string HexEncode(std::span<const std::uint8_t> bytes);
MCPGATE_EXPORT std::string Base64UrlEncode(std::string_view bytes);  ///< no padding
MCPGATE_EXPORT bool Base64UrlDecode(std::string_view text, std::string& bytes);

inline std::string_view AsView(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace mcpgate
