// File: tool/violation_text.h
//
// The words of violations. A caller's value is never echoed at length: it may be large, or secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/json.h"
#include "tool/schema_node.h"

namespace mcpgate {

/// The one JsonTypes that `value` has.
std::uint8_t TypesOf(const Json& value);
/// "a string or null".
std::string DescribeTypes(std::uint8_t types);

/// At most `max_bytes` of `text` and an ellipsis when it was longer; never half a character.
std::string Shorten(std::string_view text, std::size_t max_bytes = 60);
/// A short value as JSON text; a long one cut; arrays and objects in words.
std::string Quote(const Json& value);
/// 'name'
std::string QuoteName(std::string_view name);
/// "count thing" with the plural where it belongs: "1 item", "3 items".
std::string Counted(std::size_t count, std::string_view thing);
/// `name` escaped for a JSON pointer, and cut.
std::string PointerToken(std::string_view name);

/// The one of `names` that a slip of the hand turns into `name`; empty when none is near.
std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace mcpgate
