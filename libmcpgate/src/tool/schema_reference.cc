#include "tool/schema_reference.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "tool/violation_text.h"

namespace mcpgate {
namespace {

absl::Status Wrong(std::string_view reference, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("refers to {}, {}", Shorten(reference, 100), what));
}

std::optional<std::string> DecodePercents(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || end.ptr != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

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

const Json* Follow(const Json& document, std::string_view pointer) {
  const Json* at = &document;
  while (!pointer.empty() && at != nullptr) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const auto token = DecodeToken(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (!token.has_value()) return nullptr;
    at = at->is_array() ? Element(*at, *token) : FindMember(*at, *token);
  }
  return at;
}

}  // namespace

absl::StatusOr<ReferencedSchema> FindReferenced(const Json& document, std::string_view reference) {
  std::string_view rest = reference;
  const std::string* id = FindString(document, "$id");
  if (id != nullptr && !id->empty() && rest.starts_with(*id)) rest.remove_prefix(id->size());
  if (!rest.empty() && rest.front() != '#') {
    return Wrong(reference, "which is outside this document; nothing is fetched, so put it under $defs");
  }
  if (!rest.empty()) rest.remove_prefix(1);
  const auto pointer = DecodePercents(rest);
  if (!pointer.has_value()) return Wrong(reference, "whose percent-encoding is broken");
  if (!pointer->empty() && pointer->front() != '/')
    return Wrong(reference, "and anchors are not supported yet");
  const Json* schema = Follow(document, *pointer);
  if (schema == nullptr) return Wrong(reference, "which does not exist in this document");
  return ReferencedSchema{schema, *pointer};
}

}  // namespace mcpgate
