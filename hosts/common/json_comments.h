// File: common/json_comments.h
//
// JSON as people keep it in files of their own: with comments, perhaps with a comma too many.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgate::hosts {

/// The place after a string that begins at `at`, or the end of the text.
std::size_t SkipJsonString(std::string_view text, std::size_t at);

/// `text` with comments made spaces: what is left has every byte in its place.
std::string BlankComments(std::string_view text);

/// The same, and commas before a closing bracket as well; for editors that take both (VS Code).
std::string BlankCommentsAndCommas(std::string_view text);

}  // namespace mcpgate::hosts
