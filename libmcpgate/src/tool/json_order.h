// File: tool/json_order.h
//
// JSON Schema's notions of equality and of number, exact where double would lose digits.
#pragma once

#include <cstddef>

#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// Negative, zero or positive, as `a` is below, equal to or above `b`. A total order of all values in which 1
/// and 1.0 are equal and false and 0 are not. `steps` grows by the work done, and
/// without measure where values are nested so deep that the comparison was given up.
MCPGATE_EXPORT int CompareJson(const Json& a, const Json& b, std::size_t& steps);

/// The same for two numbers; integers of 64 bits and doubles are compared exactly.
MCPGATE_EXPORT int CompareNumbers(const Json& a, const Json& b);

/// Whether `number` has no fractional part, however it is written.
MCPGATE_EXPORT bool IsWhole(const Json& number);

/// Whether `number` is a whole multiple of `divisor` (> 0), both taken as the decimals their author wrote:
/// 0.3 is a multiple of 0.1.
MCPGATE_EXPORT bool IsMultipleOf(const Json& number, const Json& divisor);

}  // namespace mcpgate
