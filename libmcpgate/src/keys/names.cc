#include <array>

#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate {

std::string_view KeyStateName(KeyInfo::State state) {
  static constexpr std::array<std::string_view, 5> kNames = {"live", "expired", "revoked", "tampered",
                                                             "disabled"};
  const auto index = static_cast<std::size_t>(state);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view KeyRefusalName(KeyRefusal refusal) {
  static constexpr std::array<std::string_view, 15> kNames = {"none",          "missing",
                                                              "malformed",     "unknown",
                                                              "mismatch",      "not_yet",
                                                              "expired",       "revoked",
                                                              "tampered",      "disabled",
                                                              "network",       "tenant_disabled",
                                                              "team_disabled", "principal_disabled",
                                                              "parent_ended"};
  const auto index = static_cast<std::size_t>(refusal);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view KeyKindName(KeyKind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"key", "session", "bootstrap"};
  const auto index = static_cast<std::size_t>(kind);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view PersonKindName(PersonKind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"tenant", "team", "principal"};
  const auto index = static_cast<std::size_t>(kind);
  return index < kNames.size() ? kNames[index] : "unknown";
}

}  // namespace mcpgate
