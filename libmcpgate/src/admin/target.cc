#include "admin/target.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"

namespace mcpgate::admin {
namespace {

// In a query a plus is a space.
std::optional<std::string> Decode(std::string_view text, bool is_query) {
  std::string spaced(text);
  if (is_query) std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::optional<std::string> decoded = PercentDecoded(spaced);
  if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
  return decoded;
}

std::pair<std::string_view, std::string_view> SplitAt(std::string_view text, char mark) {
  const std::size_t at = std::min(text.find(mark), text.size());
  return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

bool TakeParameter(std::string_view text, Values& into) {
  const auto [name, value] = SplitAt(text, '=');
  std::optional<std::string> key = Decode(name, true), decoded = Decode(value, true);
  return key && decoded && into.emplace(*std::move(key), *std::move(decoded)).second;
}

// One segment against one of the pattern's: "{id}:rotate", "{id}" or literal text.
bool TakeSegment(std::string_view pattern, std::string_view segment, Values& into) {
  if (!pattern.starts_with('{')) return pattern == segment;
  const auto [braced, verb] = SplitAt(pattern, '}');
  const std::size_t colon = segment.rfind(':');
  const std::string_view given_verb = colon == segment.npos ? std::string_view() : segment.substr(colon);
  if (given_verb != verb) return false;
  std::optional<std::string> value = Decode(segment.substr(0, segment.size() - verb.size()), false);
  if (!value || value->empty()) return false;
  into.emplace(braced.substr(1), *std::move(value));
  return true;
}

}  // namespace

std::optional<Target> ReadTarget(std::string_view target) {
  auto [path, rest] = SplitAt(target, '?');
  Target read{.path = path};
  while (!rest.empty()) {
    const auto [one, others] = SplitAt(rest, '&');
    if (!one.empty() && !TakeParameter(one, read.query)) return std::nullopt;
    rest = others;
  }
  return read;
}

std::optional<Values> MatchPath(std::string_view pattern, std::string_view path) {
  Values values;
  while (!pattern.empty() || !path.empty()) {
    const auto [wanted, pattern_rest] = SplitAt(pattern, '/');
    const auto [given, path_rest] = SplitAt(path, '/');
    const bool more_wanted = pattern.size() > wanted.size(), more_given = path.size() > given.size();
    if (more_wanted != more_given || !TakeSegment(wanted, given, values)) return std::nullopt;
    pattern = pattern_rest;
    path = path_rest;
  }
  return values;
}

}  // namespace mcpgate::admin
