// File: pattern.h
//
// The one kind of pattern that grants, limits, budgets and questions are written in.
#pragma once

#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// Whether all of `text` matches: `*` stands for any run of characters, everything else for itself. Takes at
/// most |pattern| x |text| steps and no memory. Safe for concurrent use.
MCPGATE_EXPORT bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace mcpgate
