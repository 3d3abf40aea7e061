#include "mcpgate/http_message.h"

#include "absl/strings/match.h"

namespace mcpgate {

std::optional<std::string_view> FindHeader(std::span<const HttpHeader> headers, std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase({header.name.data(), header.name.size()}, {name.data(), name.size()})) {
      return header.value;
    }
  }
  return std::nullopt;
}

}  // namespace mcpgate
