// File: common/json_text.h
//
// Changes one member of a JSON text and leaves every other byte as it was: a file that belongs to somebody
// else keeps its order, spacing and numbers.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// `text`, an object, with `object.name` set to `value`; `object` is made when missing. InvalidArgument when
/// `text` is not acceptable JSON, or it or the member `object` is not an object.
absl::StatusOr<std::string> SetJsonMember(std::string_view text, std::string_view object,
                                          std::string_view name, const Json& value);

}  // namespace mcpgate::hosts
