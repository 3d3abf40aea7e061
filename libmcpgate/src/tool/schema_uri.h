// File: tool/schema_uri.h
//
// URI references (RFC 3986), as far as JSON Schema needs them: taken apart, put together, never followed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// `reference` against `base` (RFC 3986, 5.2). An empty base leaves a relative reference relative.
MCPGATE_EXPORT std::string ResolveUri(std::string_view base, std::string_view reference);

struct UriAndFragment {
  std::string_view uri;
  std::string_view fragment;  ///< without its '#', still percent-encoded; empty when there is none
};
UriAndFragment SplitFragment(std::string_view uri);

/// Nothing when an escape is broken.
std::optional<std::string> DecodePercents(std::string_view text);

}  // namespace mcpgate
