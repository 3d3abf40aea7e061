#include "mcpgate/principal.h"

#include <array>
#include <utility>

namespace mcpgate {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> kRoles = {{{Role::kReader, "reader"},
                                                                      {Role::kWriter, "writer"},
                                                                      {Role::kManager, "manager"},
                                                                      {Role::kModerator, "moderator"},
                                                                      {Role::kAdmin, "admin"}}};

}  // namespace

std::string_view RoleName(Role role) {
  for (const auto& [value, name] : kRoles) {
    if (value == role) return name;
  }
  return "none";
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const auto& [value, known] : kRoles) {
    if (known == name) return value;
  }
  // What REST services often call them.
  if (name == "read") return Role::kReader;
  if (name == "write") return Role::kWriter;
  return std::nullopt;
}

}  // namespace mcpgate
