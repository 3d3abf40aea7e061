#include "admin/endpoint.h"

#include <charconv>

namespace mcpgate::admin {
namespace {

std::string_view ValueOf(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

// A trail's record has one text a name.
std::string TextOf(const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return *text;
  if (!value.is_array()) return DumpJson(value);
  std::string list;
  for (const Json& each : value) list += (list.empty() ? "" : ", ") + TextOf(each);
  return list;
}

}  // namespace

RecordFields FieldsOf(const Endpoint& endpoint, const Values& path, const Values& query, const Json& body) {
  RecordFields fields(path.begin(), path.end());
  for (const std::string_view name : endpoint.recorded) {
    const auto asked = query.find(name);
    if (asked != query.end()) fields.emplace_back(name, asked->second);
    if (const Json* value = FindMember(body, name)) fields.emplace_back(name, TextOf(*value));
  }
  return fields;
}

bool TakesCondition(const Endpoint& endpoint) {
  return endpoint.has_version && endpoint.method != "GET" && endpoint.status != 201;
}

// A session is never remembered, so its opening is not answered twice either.
bool TakesIdempotencyKey(const Endpoint& endpoint) {
  return endpoint.method == "POST" && endpoint.effect && !endpoint.opens_session && !endpoint.run_open;
}

std::string_view ApiRequest::Path(std::string_view name) const { return ValueOf(path, name); }
std::string_view ApiRequest::Query(std::string_view name) const { return ValueOf(query, name); }

std::int64_t ApiRequest::Number(std::string_view name, std::int64_t fallback) const {
  const std::string_view text = Query(name);
  std::int64_t number = fallback;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace mcpgate::admin
