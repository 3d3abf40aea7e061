#include "protocol/mirror.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/crypto.h"
#include "base/json_text.h"

namespace mcpgate {
namespace {

Rejection Mismatch(std::string text) { return {ErrorCode::kHeaderMismatch, std::move(text)}; }

bool IsVisible(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
}

// The one value of a header; nullopt with `problem` set when it is missing, unreadable, or said twice
// differently.
std::optional<std::string_view> OneValue(HeaderSpan headers, std::string_view name, std::string& problem) {
  std::optional<std::string_view> value;
  for (const HttpHeader& header : headers) {
    if (!EqualsIgnoreCase(header.name, name)) continue;
    if (!IsVisible(header.value))
      problem = fmt::format("header {} has bytes that are not visible ASCII", name);
    if (value && *value != header.value)
      problem = fmt::format("header {} is there twice and disagrees", name);
    value = header.value;
  }
  if (!problem.empty()) return std::nullopt;
  if (!value) problem = fmt::format("header {} is missing", name);
  return value;
}

std::optional<Rejection> CheckText(HeaderSpan headers, std::string_view name, std::string_view expected,
                                   bool encoded) {
  std::string problem;
  const std::optional<std::string_view> value = OneValue(headers, name, problem);
  if (!value) return Mismatch(std::move(problem));
  const std::optional<std::string> text = encoded ? DecodeHeaderValue(*value) : std::string(*value);
  if (!text) return Mismatch(fmt::format("header {} is not valid base64 of UTF-8", name));
  if (*text != expected) return Mismatch(fmt::format("header {} does not say what the body says", name));
  return std::nullopt;
}

template <typename Number>
std::optional<Number> Read(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 42.0 says 42. Beyond 2^53, where doubles run together, only the digits themselves do.
bool SaysInteger(std::string_view text, const Json& argument) {
  if (!argument.is_number()) return false;
  if (argument.is_number_unsigned()) {
    if (const auto whole = Read<std::uint64_t>(text)) return *whole == argument.get<std::uint64_t>();
  } else if (argument.is_number_integer()) {
    if (const auto whole = Read<std::int64_t>(text)) return *whole == argument.get<std::int64_t>();
  }
  const auto value = Read<double>(text);
  return value && *value == argument.get<double>();
}

bool SaysArgument(const ParamHeader& declared, std::string_view text, const Json& argument) {
  switch (declared.type) {
    case ParamHeader::Type::kString:
      return argument.is_string() && *argument.get_ptr<const std::string*>() == text;
    case ParamHeader::Type::kInteger:
      return SaysInteger(text, argument);
    case ParamHeader::Type::kBoolean:
      return argument.is_boolean() && text == (argument.get<bool>() ? "true" : "false");
  }
  return false;
}

std::optional<Rejection> CheckParam(HeaderSpan headers, const ParamHeader& declared, const Json& arguments) {
  const Json* argument = FindArgument(declared, arguments);
  const bool there = FindHeader(headers, declared.header).has_value();
  if (argument == nullptr) {
    if (!there) return std::nullopt;
    // Something between may have routed on it.
    return Mismatch(fmt::format("header {} is there and its argument is not", declared.header));
  }
  std::string problem;
  const std::optional<std::string_view> value = OneValue(headers, declared.header, problem);
  if (!value) return Mismatch(std::move(problem));
  const std::optional<std::string> text = DecodeHeaderValue(*value);
  if (!text) return Mismatch(fmt::format("header {} is not valid base64 of UTF-8", declared.header));
  if (SaysArgument(declared, *text, *argument)) return std::nullopt;
  return Mismatch(fmt::format("header {} does not say what the argument says", declared.header));
}

}  // namespace

std::optional<std::string> DecodeHeaderValue(std::string_view value) {
  constexpr std::string_view kFront = "=?base64?", kBack = "?=";
  const bool encoded =
      value.size() >= kFront.size() + kBack.size() && value.starts_with(kFront) && value.ends_with(kBack);
  if (!encoded) return std::string(value);
  value.remove_prefix(kFront.size());
  value.remove_suffix(kBack.size());
  std::string text;
  if (!Base64Decode(value, text)) return std::nullopt;
  if (!IsUtf8(text)) return std::nullopt;
  return text;
}

const std::string* NameOf(std::string_view method, const Json& params) {
  if (method == "tools/call" || method == "prompts/get") return FindString(params, "name");
  if (method == "resources/read") return FindString(params, "uri");
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel") {
    return FindString(params, "taskId");
  }
  return nullptr;
}

std::optional<Rejection> CheckVersionHeader(HeaderSpan headers, std::string_view claim) {
  return CheckText(headers, "MCP-Protocol-Version", claim, /*encoded=*/false);
}

std::optional<Rejection> CheckMethodHeaders(HeaderSpan headers, std::string_view method, const Json& params) {
  if (auto bad = CheckText(headers, "Mcp-Method", method, /*encoded=*/false)) return bad;
  const std::string* name = NameOf(method, params);
  if (name == nullptr) return std::nullopt;
  return CheckText(headers, "Mcp-Name", *name, /*encoded=*/true);
}

std::optional<Rejection> CheckParamHeaders(HeaderSpan headers, std::span<const ParamHeader> declared,
                                           const Json& arguments) {
  for (const ParamHeader& each : declared) {
    if (auto bad = CheckParam(headers, each, arguments)) return bad;
  }
  return std::nullopt;
}

}  // namespace mcpgate
