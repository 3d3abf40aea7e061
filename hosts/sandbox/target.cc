#include "sandbox/target.h"

#include <cstddef>

namespace mcpgate::sandbox {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A '%' that no two hex digits follow stands for itself.
std::string PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

template <typename Visit>
void ForEachPart(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    if (!part.empty()) visit(part);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

const std::string* Target::Parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

Target ParseTarget(std::string_view target) {
  Target parsed;
  const std::size_t mark = target.find('?');
  parsed.path = std::string(target.substr(0, mark));
  if (mark != std::string_view::npos) parsed.query = std::string(target.substr(mark + 1));
  ForEachPart(parsed.path, '/', [&](std::string_view part) {
    parsed.segments.push_back(PercentDecode(part, /*plus_is_space=*/false));
  });
  ForEachPart(parsed.query, '&', [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    parsed.parameters.emplace_back(PercentDecode(part.substr(0, equals), true), PercentDecode(value, true));
  });
  return parsed;
}

}  // namespace mcpgate::sandbox
