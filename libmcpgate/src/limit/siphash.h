// SipHash (Aumasson, Bernstein 2012): a short hash that nobody without its key can steer, so that strangers
// cannot aim at one bucket.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcpgate {

struct SipKey {
  std::uint64_t k0 = 0, k1 = 0;
};

/// SipHash-C-D: 2-4 is the published default, 1-3 what hash tables use.
template <int C, int D>
std::uint64_t SipHash(const SipKey& key, std::string_view text) {
  std::uint64_t v0 = key.k0 ^ 0x736f6d6570736575u, v1 = key.k1 ^ 0x646f72616e646f6du;
  std::uint64_t v2 = key.k0 ^ 0x6c7967656e657261u, v3 = key.k1 ^ 0x7465646279746573u;
  const auto mix = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }
  };
  const auto load = [](std::string_view bytes) {  // little-endian, up to eight
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      word |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
    }
    return word;
  };
  const auto absorb = [&](std::uint64_t word) { v3 ^= word, mix(C), v0 ^= word; };

  const std::uint64_t length = text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) absorb(load(text.substr(0, 8)));
  absorb(load(text) | (length << 56));
  v2 ^= 0xff;
  mix(D);
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace mcpgate
