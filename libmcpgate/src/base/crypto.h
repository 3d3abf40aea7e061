// File: base/crypto.h
//
// The few primitives mcpgate needs, all libsodium's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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
/// HMAC-SHA256 (RFC 2104), where somebody else's format asks for it.
MCPGATE_EXPORT Digest HmacSha256(const Secret& key, std::string_view message);
MCPGATE_EXPORT bool ConstantTimeEqual(const Digest& a, const Digest& b);
/// SipHash-2-4 with 128 bits: a tag of a short text that nobody without the key can foretell, ten times as
/// fast as a hash. For what this process alone remembers, never for what is stored. `key` has 16 bytes.
using ShortTag = std::array<std::uint8_t, 16>;
MCPGATE_EXPORT ShortTag ShortTagOf(const Secret& key, std::string_view text);
MCPGATE_EXPORT bool ConstantTimeEqual(const ShortTag& a, const ShortTag& b);
MCPGATE_EXPORT void FillRandom(std::span<std::uint8_t> bytes);
/// So many random bytes as base64url: visible ASCII that nobody can guess.
MCPGATE_EXPORT std::string RandomText(std::size_t bytes);
/// False unless `text` is 64 hexadecimal digits.
MCPGATE_EXPORT bool HexDecode(std::string_view text, Digest& digest);
MCPGATE_EXPORT std::string HexEncode(std::span<const std::uint8_t> bytes);
MCPGATE_EXPORT std::string Base64Encode(std::string_view bytes);  ///< RFC 4648, 4, padded
/// Strict: false for a bad alphabet, bad padding or bits that are not zero.
MCPGATE_EXPORT bool Base64Decode(std::string_view text, std::string& bytes);
MCPGATE_EXPORT std::string Base64UrlEncode(std::string_view bytes);  ///< no padding
MCPGATE_EXPORT bool Base64UrlDecode(std::string_view text, std::string& bytes);

/// XChaCha20-Poly1305 under a fresh random nonce, which comes first; `context` is authenticated and not
/// carried. `key` has 32 bytes.
MCPGATE_EXPORT std::string Seal(const Secret& key, std::string_view context, std::string_view message);
/// nullopt when `sealed` was not made with this key and context.
MCPGATE_EXPORT std::optional<std::string> Unseal(const Secret& key, std::string_view context,
                                                 std::string_view sealed);

/// argon2id: 32 bytes of a passphrase and a salt of 16 bytes. nullopt when the prices are out of bounds (1 to
/// 64 passes, 8 KiB to 1 GiB) or there is no such memory.
MCPGATE_EXPORT std::optional<Secret> PassphraseKey(const Secret& passphrase, std::string_view salt,
                                                   std::int64_t passes, std::int64_t memory);

inline std::string_view AsView(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace mcpgate
