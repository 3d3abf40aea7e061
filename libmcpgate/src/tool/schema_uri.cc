#include "tool/schema_uri.h"

#include <algorithm>
#include <charconv>

namespace mcpgate {
namespace {

// RFC 3986, appendix B. A part that is absent differs from one that is empty.
struct Uri {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool IsScheme(std::string_view text) {
  return !text.empty() && IsAlpha(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

// What follows the first `mark`, which is cut off with it.
std::optional<std::string_view> CutAfter(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

Uri Split(std::string_view text) {
  Uri uri;
  uri.fragment = CutAfter(text, '#');
  uri.query = CutAfter(text, '?');
  if (const std::size_t colon = text.find(':'); IsScheme(text.substr(0, std::min(colon, text.size())))) {
    if (colon != std::string_view::npos) {
      uri.scheme = text.substr(0, colon);
      text.remove_prefix(colon + 1);
    }
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t end = std::min(text.find('/'), text.size());
    uri.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  uri.path = text;
  return uri;
}

// RFC 3986, 5.2.4, segment by segment.
std::string WithoutDots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const std::string_view name = segment.starts_with('/') ? segment.substr(1) : segment;
    if (name == "..") out.erase(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
    if (name != "." && name != "..") {
      out += segment;
    } else if (path.empty() && segment.starts_with('/')) {
      out += '/';
    }
  }
  return out;
}

std::string Merge(const Uri& base, std::string_view path) {
  // Appended, not added with "+": g++ 12 warns of that without reason when it optimises (GCC bug 105651).
  std::string merged;
  if (base.authority.has_value() && base.path.empty()) {
    merged = '/';
  } else if (const std::size_t slash = base.path.rfind('/'); slash != std::string_view::npos) {
    merged = base.path.substr(0, slash + 1);
  }
  merged += path;
  return merged;
}

std::string Join(const Uri& uri) {
  std::string text;
  if (uri.scheme.has_value()) text.append(*uri.scheme).append(":");
  if (uri.authority.has_value()) text.append("//").append(*uri.authority);
  text.append(uri.path);
  if (uri.query.has_value()) text.append("?").append(*uri.query);
  if (uri.fragment.has_value()) text.append("#").append(*uri.fragment);
  return text;
}

}  // namespace

std::string ResolveUri(std::string_view base_text, std::string_view reference) {
  const Uri base = Split(base_text);
  Uri uri = Split(reference);
  std::string path;
  if (uri.scheme.has_value()) {
    // An opaque path, as a URN has, contains no segments.
    path = uri.authority.has_value() || uri.path.starts_with('/') ? WithoutDots(uri.path) : uri.path;
  } else if (uri.authority.has_value()) {
    path = WithoutDots(uri.path);
  } else if (uri.path.empty()) {
    path = base.path;
    if (!uri.query.has_value()) uri.query = base.query;
  } else {
    path = WithoutDots(uri.path.starts_with('/') ? std::string(uri.path) : Merge(base, uri.path));
  }
  if (!uri.scheme.has_value()) {
    uri.scheme = base.scheme;
    if (!uri.authority.has_value()) uri.authority = base.authority;
  }
  uri.path = path;
  return Join(uri);
}

UriAndFragment SplitFragment(std::string_view uri) {
  const auto fragment = CutAfter(uri, '#');
  return {uri, fragment.value_or("")};
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

}  // namespace mcpgate
