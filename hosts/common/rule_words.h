// File: common/rule_words.h
//
// How rules of limits and budgets are taken apart: words between spaces, parts between marks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcpgate::hosts {

/// Cuts `text` at the first `mark`; the part before it. Without a mark all of it, and nothing is left.
std::string_view TakeUntil(std::string_view& text, char mark);

/// A whole number above zero, and nothing else.
std::optional<std::int64_t> PositiveNumber(std::string_view text);

}  // namespace mcpgate::hosts
