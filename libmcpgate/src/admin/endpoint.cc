#include "admin/endpoint.h"

#include <charconv>

namespace mcpgate::admin {
namespace {

std::string_view ValueOf(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

bool TakesCondition(const Endpoint& endpoint) {
  return endpoint.has_version && endpoint.method != "GET" && endpoint.status != 201;
}

// A session is never remembered, so its opening is not answered twice either.
bool TakesIdempotencyKey(const Endpoint& endpoint) {
  return endpoint.method == "POST" && endpoint.effect && !endpoint.opens_session;
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
