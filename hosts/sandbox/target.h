// A request target taken apart: decoded path segments and query parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpgate::sandbox {

struct Target {
  std::string path;                   ///< as sent
  std::string query;                  ///< as sent, without '?'
  std::vector<std::string> segments;  ///< decoded; "/api/v10/users/%40me" has "api", "v10", "users", "@me"
  std::vector<std::pair<std::string, std::string>> parameters;  ///< decoded, in order

  /// Nullptr when absent.
  const std::string* Parameter(std::string_view name) const;
};

Target ParseTarget(std::string_view target);

}  // namespace mcpgate::sandbox
