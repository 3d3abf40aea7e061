#include "tool/param_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"

namespace mcpgate {
namespace {

constexpr char kKeyword[] = "x-mcp-header";
constexpr std::size_t kMaxHeaders = 64;

bool IsToken(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kMarks.find(c) != kMarks.npos;
  });
}

std::optional<ParamHeader::Type> TypeOf(const Json& schema) {
  const std::string type = StringOr(schema, "type", "");
  if (type == "string") return ParamHeader::Type::kString;
  if (type == "integer") return ParamHeader::Type::kInteger;
  if (type == "boolean") return ParamHeader::Type::kBoolean;
  return std::nullopt;
}

class Collector {
 public:
  absl::Status Collect(const Json& schema) {
    const Json* properties = FindObject(schema, "properties");
    if (properties == nullptr) return absl::OkStatus();
    for (const auto& [name, property] : properties->items()) {
      path_.push_back(name);
      if (property.is_object() && property.contains(kKeyword)) {
        if (absl::Status bad = Take(property); !bad.ok()) return bad;
      }
      if (absl::Status bad = Collect(property); !bad.ok()) return bad;
      path_.pop_back();
    }
    return absl::OkStatus();
  }

  std::vector<ParamHeader> found;

 private:
  absl::Status Take(const Json& property) {
    const std::string* name = FindString(property, kKeyword);
    if (name == nullptr || !IsToken(*name)) return Wrong("must be a token of RFC 9110");
    if (!names_.insert(absl::AsciiStrToLower(*name)).second) return Wrong("names a header twice");
    const std::optional<ParamHeader::Type> type = TypeOf(property);
    if (!type) return Wrong("needs a property of type string, integer or boolean");
    if (found.size() == kMaxHeaders) return Wrong("is used too often");
    found.push_back({.header = "Mcp-Param-" + *name, .path = path_, .type = *type});
    return absl::OkStatus();
  }

  absl::Status Wrong(std::string_view what) const {
    return absl::InvalidArgumentError(
        fmt::format("input schema: {} of property \"{}\" {}", kKeyword, fmt::join(path_, "/"), what));
  }

  std::vector<std::string> path_;
  std::set<std::string> names_;
};

// How often the keyword stands anywhere a schema may stand; names of properties and example values are not
// keywords.
std::size_t CountKeyword(const Json& schema) {
  static const std::set<std::string, std::less<>> kMaps = {"properties", "patternProperties", "$defs",
                                                           "definitions", "dependentSchemas"};
  static const std::set<std::string, std::less<>> kValues = {"const", "enum", "default", "examples"};
  std::size_t count = 0;
  if (schema.is_array()) {
    for (const Json& part : schema) count += CountKeyword(part);
    return count;
  }
  if (!schema.is_object()) return 0;
  for (const auto& [name, value] : schema.items()) {
    if (name == kKeyword) ++count;
    if (kValues.contains(name)) continue;
    if (!kMaps.contains(name)) {
      count += CountKeyword(value);
    } else if (value.is_object()) {
      for (const Json& part : value) count += CountKeyword(part);
    }
  }
  return count;
}

}  // namespace

absl::StatusOr<std::vector<ParamHeader>> FindParamHeaders(const Json& input_schema) {
  const std::size_t count = CountKeyword(input_schema);
  if (count == 0) return std::vector<ParamHeader>();
  Collector collector;
  if (absl::Status bad = collector.Collect(input_schema); !bad.ok()) return bad;
  if (collector.found.size() != count) {
    return absl::InvalidArgumentError(fmt::format(
        "input schema: {} stands where only \"properties\" may lead to it, from the root down", kKeyword));
  }
  return std::move(collector.found);
}

const Json* FindArgument(const ParamHeader& header, const Json& arguments) {
  const Json* value = &arguments;
  for (const std::string& name : header.path) {
    value = FindMember(*value, name);
    if (value == nullptr || value->is_null()) return nullptr;
  }
  return value;
}

}  // namespace mcpgate
