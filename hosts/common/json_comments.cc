#include "common/json_comments.h"

#include <algorithm>

namespace mcpgate::hosts {
namespace {

// The place after a comment that begins at `at`; `at` itself when none does.
std::size_t SkipComment(std::string_view text, std::size_t at) {
  const std::string_view mark = text.substr(at, 2);
  if (mark == "//") return std::min(text.find('\n', at), text.size());
  if (mark != "/*") return at;
  const std::size_t close = text.find("*/", at + 2);
  return close == text.npos ? at : close + 2;
}

}  // namespace

std::size_t SkipJsonString(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

std::string BlankComments(std::string_view text) {
  std::string plain(text);
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = SkipJsonString(text, at);
      continue;
    }
    const std::size_t after = SkipComment(text, at);
    for (std::size_t i = at; i < after; ++i) {
      if (text[i] != '\n') plain[i] = ' ';
    }
    at = std::max(after, at + 1);
  }
  return plain;
}

std::string BlankCommentsAndCommas(std::string_view text) {
  std::string plain = BlankComments(text);
  char before = '\0';  // the last mark that was no space
  for (std::size_t at = 0; at < plain.size();) {
    const char c = plain[at];
    if (c == '"') {
      at = SkipJsonString(plain, at);
      before = c;
      continue;
    }
    const std::size_t next = std::min(plain.find_first_not_of(" \t\r\n", at + 1), plain.size());
    const bool closes = next < plain.size() && (plain[next] == '}' || plain[next] == ']');
    // A comma with nothing before it is a mistake of another kind.
    const bool follows_value =
        before != '\0' && before != ',' && before != '{' && before != '[' && before != ':';
    if (c == ',' && closes && follows_value) plain[at] = ' ';
    before = c;
    at = next;
  }
  return plain;
}

}  // namespace mcpgate::hosts
