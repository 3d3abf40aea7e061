#include <array>

#include "mcpgate/audit.h"

namespace mcpgate {
namespace {

template <std::size_t N, typename T>
std::string_view NameIn(const std::array<std::string_view, N>& names, T value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "unknown";
}

}  // namespace

std::string_view AuditClassName(AuditClass value) {
  static constexpr std::array<std::string_view, 4> kNames = {"tool", "auth", "admin", "system"};
  return NameIn(kNames, value);
}

std::string_view AuditPhaseName(AuditPhase value) {
  static constexpr std::array<std::string_view, 3> kNames = {"single", "intent", "outcome"};
  return NameIn(kNames, value);
}

std::string_view AuditOutcomeName(AuditOutcome value) {
  static constexpr std::array<std::string_view, 7> kNames = {"allow",   "deny",      "ok",     "error",
                                                             "aborted", "cancelled", "unknown"};
  return NameIn(kNames, value);
}

}  // namespace mcpgate
