// File: common/json_text.h
//
// Changes one member of a JSON text and leaves every other byte as it was: a file that belongs to somebody
// else keeps its order, spacing, numbers and comments.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// What its reader takes.
enum class JsonDialect {
  kStrict,    ///< RFC 8259
  kComments,  ///< and comments, and a comma before a closing bracket
};

/// The value of `text`. InvalidArgument when it is not acceptable in that dialect.
absl::StatusOr<Json> ParseJsonText(std::string_view text, JsonDialect dialect);

/// `text`, an object, with `object.name` set to `value`; `object` is made when missing. InvalidArgument when
/// `text` is not acceptable, or it or the member `object` is not an object.
absl::StatusOr<std::string> SetJsonMember(std::string_view text, JsonDialect dialect, std::string_view object,
                                          std::string_view name, const Json& value);

/// `text`, an object, with `item` put behind the last item of its member `array`, unless one with the same
/// member `id` is there; `array` is made when missing. InvalidArgument as above.
absl::StatusOr<std::string> AddJsonItem(std::string_view text, JsonDialect dialect, std::string_view array,
                                        const Json& item);

}  // namespace mcpgate::hosts
