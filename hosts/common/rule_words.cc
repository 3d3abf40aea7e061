#include "common/rule_words.h"

#include <charconv>

namespace mcpgate::hosts {

std::string_view TakeUntil(std::string_view& text, char mark) {
  const std::size_t place = text.find(mark);
  const std::string_view head = text.substr(0, place);
  text = place == std::string_view::npos ? std::string_view() : text.substr(place + 1);
  return head;
}

std::optional<std::int64_t> PositiveNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace mcpgate::hosts
