// File: json.h
//
// JSON values and the only two doors between bytes and values, with bounds that hold against a hostile
// sender.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// A JSON value. Object members are kept sorted by name, so equal values have equal text.
using Json = nlohmann::json;

struct JsonLimits {
  std::size_t max_depth = 64;  ///< arrays and objects inside one another
};

/// ParseJson()
///
/// One JSON text (RFC 8259) as a value. InvalidArgument with position and reason when `text` is not valid
/// UTF-8 JSON, is nested deeper than allowed, repeats a member name in one object, or has a number outside
/// double.
MCPGATE_EXPORT absl::StatusOr<Json> ParseJson(std::string_view text, JsonLimits limits = {});

/// Compact text in one line; bytes that are not UTF-8 are replaced by U+FFFD. Never fails.
MCPGATE_EXPORT std::string DumpJson(const Json& value);
/// Like DumpJson, appended to `out`.
MCPGATE_EXPORT void AppendJson(std::string& out, const Json& value);
/// Several lines, indented by two, for people.
MCPGATE_EXPORT std::string PrettyJson(const Json& value);

// Checked reads: nullptr or the fallback instead of an exception. `value` need not be an object.
MCPGATE_EXPORT const Json* FindMember(const Json& value, std::string_view name);
MCPGATE_EXPORT const std::string* FindString(const Json& value, std::string_view name);
MCPGATE_EXPORT const Json* FindObject(const Json& value, std::string_view name);
MCPGATE_EXPORT const Json* FindArray(const Json& value, std::string_view name);
MCPGATE_EXPORT std::string StringOr(const Json& value, std::string_view name, std::string_view fallback);
MCPGATE_EXPORT std::int64_t IntegerOr(const Json& value, std::string_view name, std::int64_t fallback);
MCPGATE_EXPORT double NumberOr(const Json& value, std::string_view name, double fallback);
MCPGATE_EXPORT bool BoolOr(const Json& value, std::string_view name, bool fallback);

}  // namespace mcpgate
