#include "admin/alias.h"

#include <fmt/format.h>

namespace mcpgate::admin {
namespace {

struct Alias {
  std::string_view alias, name;  // what paths begin with
};
constexpr Alias kAliases[] = {{"/admin/api-keys", "/v1/admin/api-keys"},
                              {"/inspector/ws", "/v1/admin/audit/ws"}};

}  // namespace

std::string Unaliased(std::string_view path) {
  for (const auto& [alias, name] : kAliases) {
    if (path.starts_with(alias)) return fmt::format("{}{}", name, path.substr(alias.size()));
  }
  return std::string(path);
}

std::optional<std::string> AliasOf(std::string_view path) {
  for (const auto& [alias, name] : kAliases) {
    if (path.starts_with(name)) return fmt::format("{}{}", alias, path.substr(name.size()));
  }
  return std::nullopt;
}

bool IsBelowAlias(std::string_view path) {
  return path.starts_with("/admin/") || path.starts_with("/inspector/");
}

}  // namespace mcpgate::admin
