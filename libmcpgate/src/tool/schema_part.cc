#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tool/json_order.h"
#include "tool/schema_compiler.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxExcerpt = 60;

std::string Under(std::string_view place, std::string_view name) {
  return fmt::format("{}/{}", place, PointerToken(name));
}

std::optional<std::vector<std::string>> StringsOf(const Json& value) {
  const auto* items = value.get_ptr<const Json::array_t*>();
  if (items == nullptr) return std::nullopt;
  std::vector<std::string> strings;
  for (const Json& item : *items) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr) return std::nullopt;
    strings.push_back(*text);
  }
  return strings;
}

}  // namespace

const Json* SchemaPart::Find(std::string_view keyword) const {
  if (!IsInForce(keyword, source_.resource->vocabularies)) return nullptr;
  return FindMember(*source_.schema, keyword);
}

std::string SchemaPart::Place(std::string_view keyword) const { return Under(node_.place, keyword); }

std::optional<std::size_t> SchemaPart::Count(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !IsWhole(*value) || CompareNumbers(*value, Json(0)) < 0) {
    Refuse(keyword, fmt::format("must be a whole number of at least 0, is {}", Quote(*value)));
    return std::nullopt;
  }
  constexpr auto kMax = std::numeric_limits<std::size_t>::max();
  return CompareNumbers(*value, Json(kMax)) >= 0 ? kMax : value->get<std::size_t>();
}

std::optional<Json> SchemaPart::Number(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return *value;
  Refuse(keyword, fmt::format("must be a number, is {}", Quote(*value)));
  return std::nullopt;
}

const std::string* SchemaPart::Text(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return nullptr;
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) Refuse(keyword, fmt::format("must be a string, is {}", Quote(*value)));
  return text;
}

std::optional<bool> SchemaPart::Flag(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->get_ptr<const bool*>()) return *flag;
  Refuse(keyword, fmt::format("must be true or false, is {}", Quote(*value)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> SchemaPart::Names(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return std::nullopt;
  auto names = StringsOf(*value);
  if (!names.has_value()) Refuse(keyword, "must be an array of strings");
  return names;
}

std::vector<std::pair<std::string, std::vector<std::string>>> SchemaPart::NamedNames(
    std::string_view keyword) {
  std::vector<std::pair<std::string, std::vector<std::string>>> entries;
  const Json* value = Find(keyword);
  if (value == nullptr) return entries;
  const auto* members = value->get_ptr<const Json::object_t*>();
  if (members != nullptr) {
    for (const auto& [name, list] : *members) {
      if (auto names = StringsOf(list)) entries.emplace_back(name, *std::move(names));
    }
  }
  if (members == nullptr || entries.size() != members->size()) {
    Refuse(keyword, "must be an object of arrays of strings");
  }
  return entries;
}

std::shared_ptr<const SchemaPattern> SchemaPart::Pattern(std::string_view keyword,
                                                         const std::string& source) {
  return compiler_.PatternOf(source, Place(keyword));
}

const SchemaNode* SchemaPart::Subschema(std::string_view keyword) {
  const Json* value = Find(keyword);
  return value == nullptr ? nullptr : NodeOf(*value, Place(keyword));
}

std::vector<const SchemaNode*> SchemaPart::Subschemas(std::string_view keyword) {
  const Json* value = Find(keyword);
  std::vector<const SchemaNode*> nodes;
  if (value == nullptr) return nodes;
  if (!value->is_array() || value->empty()) {
    Refuse(keyword, fmt::format("must be an array of schemas, is {}", Quote(*value)));
    return nodes;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    nodes.push_back(NodeOf((*value)[i], fmt::format("{}/{}", Place(keyword), i)));
  }
  return nodes;
}

std::vector<std::pair<std::string, const SchemaNode*>> SchemaPart::NamedSubschemas(std::string_view keyword) {
  std::vector<std::pair<std::string, const SchemaNode*>> nodes;
  const Json* value = Find(keyword);
  if (value == nullptr) return nodes;
  const auto* members = value->get_ptr<const Json::object_t*>();
  if (members == nullptr) {
    Refuse(keyword, fmt::format("must be an object of schemas, is {}", Quote(*value)));
    return nodes;
  }
  for (const auto& [name, schema] : *members) {
    nodes.emplace_back(name, NodeOf(schema, Under(Place(keyword), name)));
  }
  return nodes;
}

const SchemaNode* SchemaPart::NodeOf(const Json& schema, std::string place) {
  return compiler_.NodeOf({&schema, source_.resource, source_.depth + 1}, std::move(place));
}

void SchemaPart::Refer(std::string_view keyword, SchemaReference& slot, bool is_dynamic) {
  const std::string* reference = Text(keyword);
  if (reference != nullptr) compiler_.Refer(slot, *reference, source_, Place(keyword), is_dynamic);
}

void SchemaPart::Identify(const std::string& id) {
  const auto made = resources().Identify(resource(), id, *source_.schema, node_.place);
  if (!made.ok()) return Refuse("$id", std::string(made.status().message()));
  source_.resource = *made;
}

std::string SchemaPart::Excerpt(std::string_view keyword) const {
  const Json* value = Find(keyword);
  return value == nullptr ? std::string() : Shorten(DumpJson(*value), kMaxExcerpt);
}

}  // namespace mcpgate
