// File: common/display_width.h
//
// Text as a terminal shows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgate::hosts {

/// `text` safe to print: control characters (terminal escapes among them), direction overrides and bytes that
/// are not UTF-8 become U+FFFD. What strangers named must not drive the operator's terminal.
std::string Printable(std::string_view text);
/// Columns that printable UTF-8 takes: two for wide East Asian characters and emoji, none for combining
/// marks.
std::size_t DisplayWidth(std::string_view text);
/// At most `columns` wide; what was cut ends with an ellipsis.
std::string Shorten(std::string_view text, std::size_t columns);

}  // namespace mcpgate::hosts
