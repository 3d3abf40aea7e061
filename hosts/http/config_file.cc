#include "http/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/file_write.h"
#include "common/json_comments.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;

int LineAt(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + std::min(at, text.size()), '\n'));
}

bool IsColonAfter(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\r\n", at);
  return at != text.npos && text[at] == ':';
}

// Where the name of a member of the outermost object stands.
std::size_t PlaceOfMember(std::string_view text, std::string_view name) {
  const std::string quoted = DumpJson(Json(std::string(name)));
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t after = SkipJsonString(text, at);
      if (depth == 1 && text.substr(at, after - at) == quoted && IsColonAfter(text, after)) return at;
      at = after;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return 0;
}

// ParseJson says "at byte 17: ...", a person looks for the line.
absl::Status Malformed(std::string_view text, std::string_view problem) {
  constexpr std::string_view kMark = "at byte ";
  const std::size_t mark = problem.find(kMark);
  if (mark == problem.npos) return absl::InvalidArgumentError(fmt::format("line 1: {}", problem));
  const std::string_view number = problem.substr(mark + kMark.size());
  std::size_t byte = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), byte);
  const std::string_view rest(parsed.ptr,
                              static_cast<std::size_t>(number.data() + number.size() - parsed.ptr));
  return absl::InvalidArgumentError(
      fmt::format("line {}: not acceptable JSON{}", LineAt(text, byte == 0 ? 0 : byte - 1), rest));
}

// Text as it would stand on the command line; false for what no option takes.
bool AppendValue(const Json& value, std::vector<std::string>& values) {
  if (value.is_string()) {
    values.push_back(value.get<std::string>());
  } else if (value.is_boolean() || value.is_number_integer()) {
    values.push_back(DumpJson(value));
  } else {
    return false;
  }
  return true;
}

bool ReadValues(const Json& value, std::vector<std::string>& values) {
  if (!value.is_array()) return AppendValue(value, values);
  return std::all_of(value.begin(), value.end(), [&](const Json& one) { return AppendValue(one, values); });
}

}  // namespace

absl::StatusOr<std::vector<ConfigSetting>> ParseConfig(std::string_view text) {
  const std::string plain = BlankComments(text);
  const absl::StatusOr<Json> json = ParseJson(plain, {.max_depth = 4});
  if (!json.ok()) {
    return Malformed(plain, std::string(json.status().message()));
  }
  if (!json->is_object()) {
    return absl::InvalidArgumentError("line 1: a configuration is one JSON object: { \"listen\": ... }");
  }
  std::vector<ConfigSetting> settings;
  for (const auto& [name, value] : json->items()) {
    ConfigSetting setting{.name = name, .values = {}, .line = LineAt(plain, PlaceOfMember(plain, name))};
    if (!ReadValues(value, setting.values)) {
      return absl::InvalidArgumentError(
          fmt::format("line {}: {}: the value is a string, a whole number, true or false, or a list of these",
                      setting.line, name));
    }
    settings.push_back(std::move(setting));
  }
  std::stable_sort(settings.begin(), settings.end(),
                   [](const ConfigSetting& a, const ConfigSetting& b) { return a.line < b.line; });
  return settings;
}

absl::StatusOr<std::vector<ConfigSetting>> ReadConfigFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadWholeFile(path, kMaxConfigBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<ConfigSetting>> settings = ParseConfig(*text);
  if (settings.ok()) return settings;
  const std::string problem(settings.status().message());
  return absl::InvalidArgumentError(fmt::format("{}:{}", path, problem.substr(std::string("line ").size())));
}

}  // namespace mcpgate::hosts
