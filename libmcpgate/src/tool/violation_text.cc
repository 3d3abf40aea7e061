#include "tool/violation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "tool/json_order.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxPointerToken = 60;
constexpr std::size_t kMaxNameToGuess = 40;
constexpr std::size_t kMaxNamesToCompare = 500;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Edits that turn `a` into `b`: insert, drop, replace, swap two neighbours. Case does not count. Both at most
// kMaxNameToGuess bytes.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kMaxNameToGuess + 1>, kMaxNameToGuess + 1> cost;
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = Lower(a[i - 1]) == Lower(b[j - 1]) ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differs});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) && Lower(a[i - 2]) == Lower(b[j - 1])) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::size_t AllowedEdits(std::size_t length) {
  if (length <= 2) return 0;
  if (length <= 4) return 1;
  return length <= 8 ? 2 : 3;
}

}  // namespace

std::uint8_t TypesOf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return kNull;
    case Json::value_t::boolean:
      return kBoolean;
    case Json::value_t::object:
      return kObject;
    case Json::value_t::array:
      return kArray;
    case Json::value_t::string:
      return kString;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return kInteger;
    case Json::value_t::number_float:
      return IsWhole(value) ? kInteger : kFraction;
    default:
      return 0;
  }
}

std::string DescribeTypes(std::uint8_t types) {
  constexpr std::pair<std::uint8_t, const char*> kNames[] = {
      {kNumber, "a number"}, {kInteger, "a whole number"}, {kString, "a string"}, {kBoolean, "true or false"},
      {kArray, "an array"},  {kObject, "an object"},       {kNull, "null"},
  };
  std::vector<std::string_view> words;
  for (const auto& [type, name] : kNames) {
    if ((types & type) != type) continue;
    words.emplace_back(name);
    types = static_cast<std::uint8_t>(types & ~type);
  }
  return fmt::format("{}", fmt::join(words, " or "));
}

std::string Shorten(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "\u2026";
}

std::string Counted(std::size_t count, std::string_view thing) {
  if (count == 1) return fmt::format("1 {}", thing);
  if (thing.ends_with('y')) return fmt::format("{} {}ies", count, thing.substr(0, thing.size() - 1));
  return fmt::format("{} {}s", count, thing);
}

std::string Quote(const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return Shorten(DumpJson(Shorten(*text, 50)));
  if (value.is_array())
    return value.empty() ? "an empty array" : fmt::format("an array of {}", Counted(value.size(), "item"));
  if (value.is_object()) return value.empty() ? "an empty object" : "an object";
  return Shorten(DumpJson(value));
}

std::string QuoteName(std::string_view name) { return fmt::format("'{}'", Shorten(name, 50)); }

std::string PointerToken(std::string_view name) {
  std::string token;
  for (const char c : Shorten(name, kMaxPointerToken)) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

std::string_view NearestName(std::string_view name, const std::vector<std::string_view>& names) {
  if (name.size() > kMaxNameToGuess) return {};
  std::string_view nearest;
  std::size_t least = AllowedEdits(name.size()) + 1;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxNamesToCompare); ++i) {
    const std::string_view candidate = names[i];
    if (candidate.size() > kMaxNameToGuess) continue;
    const std::size_t distance = EditDistance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace mcpgate
