// File: completion.h
//
// Suggestions for a value somebody types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/principal.h"

namespace mcpgate {

struct Completion {
  std::vector<std::string> values{};  ///< the first 100 are sent
  std::optional<std::int64_t> total{};
  bool has_more = false;
};

struct CompletionRequest {
  std::string_view argument;  ///< of the prompt, or variable of the template
  std::string_view value;     ///< what was typed so far
  const std::map<std::string, std::string, std::less<>>& known;  ///< arguments given already
  const Principal& principal;
};

/// Runs on the thread that read the request, so it must be quick. Shows only what the principal may know.
using CompletionHandler = std::function<absl::StatusOr<Completion>(const CompletionRequest& request)>;

}  // namespace mcpgate
