// File: base/json_text.h
//
// JSON strings written straight into a buffer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgate {

/// Appends `text` as a JSON string; bytes that are not UTF-8 become U+FFFD. What is longer than `max_bytes`
/// is cut before the character that would exceed it and ends in "…".
void AppendJsonString(std::string& out, std::string_view text, std::size_t max_bytes = std::string::npos);
bool IsUtf8(std::string_view text);
/// The same text as it would be read back: cut, and valid UTF-8.
std::string CleanText(std::string_view text, std::size_t max_bytes);

}  // namespace mcpgate
