// File: tool/schema_reference.h
//
// JSON pointers (RFC 6901) into a schema document.
#pragma once

#include <string_view>
#include <vector>

#include "mcpgate/json.h"

namespace mcpgate {

/// Every value on the way from `from`, which is the first, to the one that `pointer` means, which is the
/// last; empty when there is none. `pointer` is "" or begins with '/'.
std::vector<const Json*> FollowPointer(const Json& from, std::string_view pointer);

}  // namespace mcpgate
