#include "mcpgate/pattern.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate {
namespace {

TEST_CASE("a star stands for any run of characters and everything else for itself") {
  struct Row {
    std::string_view pattern, text;
    bool matches;
  };
  for (const Row& row : std::vector<Row>{{"a", "a", true},
                                         {"a", "b", false},
                                         {"a", "", false},
                                         {"a", "aa", false},
                                         {"", "", true},
                                         {"", "a", false},
                                         {"*", "", true},
                                         {"*", "anything", true},
                                         {"discord_*", "discord_send_message", true},
                                         {"discord_*", "discord", false},
                                         {"*_message", "discord_send_message", true},
                                         {"*_message", "discord_send_messages", false},
                                         {"a*b*c", "abc", true},
                                         {"a*b*c", "axbxbxc", true},
                                         {"a*b*c", "axcxb", false},
                                         {"**a**", "bab", true},
                                         {"*aab", "aaab", true},
                                         {"a?c", "abc", false},
                                         {"a.c", "abc", false},
                                         {"[a]", "a", false},
                                         {"A", "a", false},
                                         {"a*", "*", false},
                                         {"*", "*", true}}) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(MatchesPattern(row.pattern, row.text) == row.matches);
  }
}

// By the definition: try every length for every star.
bool MatchesByDefinition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    return !text.empty() && text[0] == pattern[0] && MatchesByDefinition(pattern.substr(1), text.substr(1));
  }
  for (std::size_t run = 0; run <= text.size(); ++run) {
    if (MatchesByDefinition(pattern.substr(1), text.substr(run))) return true;
  }
  return false;
}

void ForEachWord(std::string_view alphabet, std::size_t max_length, auto visit) {
  std::vector<std::string> words = {""};
  for (std::size_t i = 0; i < words.size(); ++i) {
    visit(words[i]);
    if (words[i].size() == max_length) continue;
    for (const char c : alphabet) words.push_back(words[i] + c);
  }
}

TEST_CASE("all short patterns on all short texts agree with the definition") {
  int disagreements = 0;
  ForEachWord("ab*", 5, [&](const std::string& pattern) {
    ForEachWord("ab", 5, [&](const std::string& text) {
      disagreements += MatchesPattern(pattern, text) != MatchesByDefinition(pattern, text) ? 1 : 0;
    });
  });
  CHECK(disagreements == 0);
}

TEST_CASE("a pattern made to backtrack ends soon") {
  std::string pattern;
  for (int i = 0; i < 66; ++i) pattern += "*ab";
  CHECK_FALSE(MatchesPattern(pattern + "c", std::string(100'000, 'a')));
}

}  // namespace
}  // namespace mcpgate
