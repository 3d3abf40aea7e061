#include <array>

#include "mcpgate/key_store.h"

namespace mcpgate {

std::string_view KeyStateName(KeyInfo::State state) {
  static constexpr std::array<std::string_view, 4> kNames = {"live", "expired", "revoked", "tampered"};
  const auto index = static_cast<std::size_t>(state);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view KeyRefusalName(KeyRefusal refusal) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "none", "missing", "malformed", "unknown", "mismatch", "not_yet", "expired", "revoked", "tampered"};
  const auto index = static_cast<std::size_t>(refusal);
  return index < kNames.size() ? kNames[index] : "unknown";
}

}  // namespace mcpgate
