// File: admin/target.h
//
// The target of a request, taken apart (RFC 3986), and held against templates of paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/endpoint.h"

namespace mcpgate::admin {

/// "/v1/x?limit=5": the path as sent, and the query's parameters, decoded.
struct Target {
  std::string_view path;
  Values query;
};

/// nullopt when an escape is malformed, a value is not UTF-8, or a parameter is there twice.
std::optional<Target> ReadTarget(std::string_view target);

/// Whether `path` is one of "/v1/admin/api-keys/{id}:rotate": literal text, with whole segments, up to a
/// verb's colon, for the names in braces. The values, decoded; none of them is empty.
std::optional<Values> MatchPath(std::string_view pattern, std::string_view path);

}  // namespace mcpgate::admin
