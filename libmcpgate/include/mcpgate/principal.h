// File: principal.h
//
// Who calls: the identity and rights that a verified key stands for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/export.h"

namespace mcpgate {

/// The built-in roles, each holding the rights of those before it.
enum class Role : std::uint8_t { kReader = 1, kWriter = 2, kManager = 3, kModerator = 4, kAdmin = 5 };

/// "reader", "writer", "manager", "moderator" or "admin".
MCPGATE_EXPORT std::string_view RoleName(Role role);
/// The role of that name, or nullopt. "read" and "write" are understood as reader and writer.
MCPGATE_EXPORT std::optional<Role> ParseRole(std::string_view name);

/// Rights of one key. Patterns are whole names in which `*` stands for any run of characters.
struct Grants {
  Role role = Role::kReader;
  std::vector<std::string> allow_tools{};  ///< tools beyond the role
  std::vector<std::string> deny_tools{};   ///< tools taken away; a deny always wins
  /// What a tool may touch, by resource name ("discord:channel:41771983423143937"). Empty: nothing.
  std::vector<std::string> resources{};
  bool operator==(const Grants&) const = default;
};

/// Principal
///
/// Made by `Keyring::Verify`, never by a caller. Immutable once shared; safe for concurrent use.
struct Principal {
  std::string key_id{};  ///< the public id inside the key, fit for logs
  std::string
      family;  ///< limits and history belong to the family; rotation makes a new key of the same family
  std::string tenant{};
  std::string name{};  ///< what the operator called the key
  Grants grants{};
  std::string principal{};  ///< whose key it is, an id within the tenant; empty: nobody's in particular
  std::string team{};       ///< the principal's, an id within the tenant; may be empty
  /// A session's: what the key it was minted from may now. The session may what both may.
  std::shared_ptr<const Grants> ceiling{};
};

}  // namespace mcpgate
