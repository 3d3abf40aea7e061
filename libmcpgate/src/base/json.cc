#include "mcpgate/json.h"

#include <charconv>
#include <iterator>
#include <string>
#include <utility>

#include "base/json_events.h"
#include "base/json_text.h"

namespace mcpgate {
namespace {

const Json* FindOfType(const Json& value, std::string_view name, Json::value_t type) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->type() == type ? member : nullptr;
}

// Containers, strings and integers are written here, into the buffer that the caller has: nlohmann's own
// writer costs several allocations for each value it is asked for.
void AppendObject(std::string& out, const Json& object) {
  char before = '{';
  for (const auto& [name, member] : object.get_ref<const Json::object_t&>()) {
    out += std::exchange(before, ',');
    AppendJsonString(out, name);
    out += ':';
    AppendJson(out, member);
  }
  out += object.empty() ? "{}" : "}";
}

void AppendArray(std::string& out, const Json& array) {
  char before = '[';
  for (const Json& element : array) {
    out += std::exchange(before, ',');
    AppendJson(out, element);
  }
  out += array.empty() ? "[]" : "]";
}

template <typename Number>
void AppendNumber(std::string& out, Number number) {
  char digits[24];
  out.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, JsonLimits limits) {
  Json value;
  JsonBuilder builder(value);
  if (absl::Status read = ReadJson(text, builder, limits); !read.ok()) return read;
  return value;
}

std::string DumpJson(const Json& value) {
  std::string text;
  if (value.is_structured()) text.reserve(128);
  AppendJson(text, value);
  return text;
}

void AppendJson(std::string& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return AppendObject(out, value);
    case Json::value_t::array:
      return AppendArray(out, value);
    case Json::value_t::string:
      return AppendJsonString(out, value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
      return AppendNumber(out, value.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return AppendNumber(out, value.get<std::uint64_t>());
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::null:
      out += "null";
      return;
    default:
      out += value.dump();
  }
}

std::string PrettyJson(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

const Json* FindMember(const Json& value, std::string_view name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

const std::string* FindString(const Json& value, std::string_view name) {
  const Json* member = FindMember(value, name);
  return member == nullptr ? nullptr : member->get_ptr<const std::string*>();
}

const Json* FindObject(const Json& value, std::string_view name) {
  return FindOfType(value, name, Json::value_t::object);
}

const Json* FindArray(const Json& value, std::string_view name) {
  return FindOfType(value, name, Json::value_t::array);
}

std::string StringOr(const Json& value, std::string_view name, std::string_view fallback) {
  const std::string* text = FindString(value, name);
  return text == nullptr ? std::string(fallback) : *text;
}

std::int64_t IntegerOr(const Json& value, std::string_view name, std::int64_t fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_number_integer() ? member->get<std::int64_t>() : fallback;
}

double NumberOr(const Json& value, std::string_view name, double fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_number() ? member->get<double>() : fallback;
}

bool BoolOr(const Json& value, std::string_view name, bool fallback) {
  const Json* member = FindMember(value, name);
  return member != nullptr && member->is_boolean() ? member->get<bool>() : fallback;
}

}  // namespace mcpgate
