// File: admin/alias.h
//
// Second names of paths, for clients that know those.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcpgate::admin {

/// The path that `path` stands for; itself when it is no alias.
std::string Unaliased(std::string_view path);
/// The other name of an endpoint's path.
std::optional<std::string> AliasOf(std::string_view path);
/// Whether aliases begin like `path`.
bool IsBelowAlias(std::string_view path);

}  // namespace mcpgate::admin
