#include "mcpgate/schema_fields.h"

#include <fmt/format.h>

#include <cmath>

#include "tool/compiled_schema.h"
#include "tool/json_order.h"
#include "tool/violation_text.h"

namespace mcpgate::schema_detail {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

bool IsOfType(const Json& schema, std::string_view type) {
  const std::string own = StringOr(schema, "type", "");
  return own == type || (own == "integer" && type == "number");
}

absl::Status Mistake(const std::string& field, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("the field {} {}", QuoteName(field), what));
}

// Not a complete search for what nothing can satisfy, but for the slip of swapped numbers.
absl::Status CheckOrder(const std::string& field, const Json& schema) {
  constexpr std::pair<const char*, const char*> kPairs[] = {
      {"minLength", "maxLength"}, {"minimum", "maximum"}, {"minItems", "maxItems"}};
  for (const auto& [least, most] : kPairs) {
    const Json* low = FindMember(schema, least);
    const Json* high = FindMember(schema, most);
    if (low == nullptr || high == nullptr || !low->is_number() || !high->is_number()) continue;
    if (CompareNumbers(*low, *high) > 0)
      return Mistake(field, fmt::format("has a {} above its {}", least, most));
  }
  const Json* items = FindObject(schema, "items");
  return items == nullptr ? absl::OkStatus() : CheckOrder(field, *items);
}

absl::Status CheckDefault(const std::string& field, const Json& schema, const Json& fallback) {
  const auto compiled = CompiledSchema::Compile(schema);
  if (!compiled.ok()) return Mistake(field, std::string(compiled.status().message()));
  const auto violations = (*compiled)->Validate(fallback);
  if (violations.empty()) return absl::OkStatus();
  return Mistake(field, "has a default that does not fit: " + DescribeViolations(violations));
}

}  // namespace

void FieldList::Note(const absl::Status& problem) {
  if (problem_.ok()) problem_ = problem;
}

void FieldList::Add(std::string name, Json schema, bool optional, std::string description) {
  for (const Entry& entry : entries_) {
    if (entry.name == name) Note(Mistake(name, "is declared twice"));
  }
  if (name.empty()) Note(Mistake(name, "has no name"));
  if (!description.empty()) schema["description"] = std::move(description);
  entries_.push_back({std::move(name), std::move(schema), optional, std::nullopt});
}

FieldList::Entry* FieldList::Last(std::string_view modifier) {
  if (!entries_.empty()) return &entries_.back();
  Note(absl::InvalidArgumentError(fmt::format("{} stands before the first field", modifier)));
  return nullptr;
}

void FieldList::AddRule(std::string_view modifier, std::string_view type, std::string_view keyword,
                        Json value) {
  Entry* entry = Last(modifier);
  if (entry == nullptr) return;
  Json* schema = &entry->schema;
  if (type != "array") {
    while (schema->contains("items")) schema = &(*schema)["items"];
  }
  if (IsOfType(*schema, type)) {
    (*schema)[std::string(keyword)] = std::move(value);
    return;
  }
  Note(Mistake(entry->name, fmt::format("cannot have {}: it holds {}, not {}", modifier,
                                        StringOr(*schema, "type", "anything"), type)));
}

void FieldList::SetDefault(Json value) {
  Entry* entry = Last("Default");
  if (entry == nullptr) return;
  entry->fallback = value;
  entry->schema["default"] = std::move(value);
}

Json FieldList::ToJson() const {
  Json properties = Json::object();
  Json required = Json::array();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    properties[entries_[i].name] = entries_[i].schema;
    if (IsRequired(i)) required.push_back(entries_[i].name);
  }
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

absl::Status FieldList::Check() const {
  if (!problem_.ok()) return problem_;
  for (const Entry& entry : entries_) {
    if (const absl::Status status = CheckOrder(entry.name, entry.schema); !status.ok()) return status;
    if (!entry.fallback.has_value()) continue;
    if (const absl::Status status = CheckDefault(entry.name, entry.schema, *entry.fallback); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

bool FieldList::IsRequired(std::size_t field) const {
  return !entries_[field].optional && !entries_[field].fallback.has_value();
}

const Json* FieldList::Given(std::size_t field, const Json& object) const {
  const Entry& entry = entries_[field];
  if (const Json* given = FindMember(object, entry.name)) return given;
  return entry.fallback.has_value() ? &*entry.fallback : nullptr;
}

absl::Status FieldList::Misfit(std::size_t field) const {
  return absl::InvalidArgumentError(
      fmt::format("the value of {} is missing or out of range", QuoteName(entries_[field].name)));
}

bool ReadSigned(const Json& value, std::int64_t& out) {
  if (value.is_number_unsigned()) {
    const auto given = *value.get_ptr<const Json::number_unsigned_t*>();
    out = static_cast<std::int64_t>(given);
    return std::in_range<std::int64_t>(given);
  }
  if (value.is_number_integer()) {
    out = *value.get_ptr<const Json::number_integer_t*>();
    return true;
  }
  if (!IsWhole(value)) return false;
  const double given = *value.get_ptr<const double*>();
  if (given < -kTwoTo63 || given >= kTwoTo63) return false;
  out = static_cast<std::int64_t>(given);
  return true;
}

bool ReadUnsigned(const Json& value, std::uint64_t& out) {
  if (value.is_number_unsigned()) {
    out = *value.get_ptr<const Json::number_unsigned_t*>();
    return true;
  }
  if (value.is_number_integer()) {
    const auto given = *value.get_ptr<const Json::number_integer_t*>();
    out = static_cast<std::uint64_t>(given);
    return given >= 0;
  }
  if (!IsWhole(value)) return false;
  const double given = *value.get_ptr<const double*>();
  if (given < 0 || given >= 2 * kTwoTo63) return false;
  out = static_cast<std::uint64_t>(given);
  return true;
}

bool ReadDouble(const Json& value, double& out) {
  if (!value.is_number()) return false;
  out = value.get<double>();
  return true;
}

}  // namespace mcpgate::schema_detail
