#include "tool/schema_reference.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace mcpgate {
namespace {

// RFC 6901, section 4.
std::optional<std::string> DecodeToken(std::string_view token) {
  std::string decoded;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      decoded += token[i];
      continue;
    }
    const char next = i + 1 < token.size() ? token[i + 1] : ' ';
    if (next != '0' && next != '1') return std::nullopt;
    decoded += next == '0' ? '~' : '/';
    ++i;
  }
  return decoded;
}

const Json* Element(const Json& array, std::string_view token) {
  std::size_t index = 0;
  const auto end = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool canonical = end.ec == std::errc() && end.ptr == token.data() + token.size() &&
                         (token.size() == 1 || token.front() != '0');
  return canonical && index < array.size() ? &array[index] : nullptr;
}

}  // namespace

std::vector<const Json*> FollowPointer(const Json& from, std::string_view pointer) {
  std::vector<const Json*> way = {&from};
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const auto token = DecodeToken(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (!token.has_value()) return {};
    const Json& at = *way.back();
    const Json* next = at.is_array() ? Element(at, *token) : FindMember(at, *token);
    if (next == nullptr) return {};
    way.push_back(next);
  }
  return way;
}

}  // namespace mcpgate
