// File: base/percent.h
//
// Percent-encoding (RFC 3986, section 2.1), read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// nullopt when an escape is malformed, or what they stand for is not UTF-8.
MCPGATE_EXPORT std::optional<std::string> PercentDecoded(std::string_view text);

}  // namespace mcpgate
