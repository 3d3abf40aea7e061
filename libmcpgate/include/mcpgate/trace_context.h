// File: trace_context.h
//
// W3C trace context (https://www.w3.org/TR/trace-context/), as requests carry it.
#pragma once

#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// The trace id in a `traceparent`, "00-<trace id>-<parent id>-<flags>": 32 lower-case hexadecimal digits, a
/// part of the argument. Empty when the text is malformed.
MCPGATE_EXPORT std::string_view TraceIdOf(std::string_view traceparent);

}  // namespace mcpgate
