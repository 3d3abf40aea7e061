// File: tests/unit/tool/dice.h
//
// Chance that can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>

namespace mcpgate {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}

  int Below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(bound)); }
  template <typename T, std::size_t kSize>
  const T& Pick(const T (&options)[kSize]) {
    return options[Below(static_cast<int>(kSize))];
  }

 private:
  std::mt19937 engine_;
};

/// `usual`, or what MCPGATE_SEED says.
inline std::uint32_t Seed(std::uint32_t usual) {
  const char* asked = std::getenv("MCPGATE_SEED");
  return asked == nullptr ? usual : static_cast<std::uint32_t>(std::strtoul(asked, nullptr, 10));
}

}  // namespace mcpgate
