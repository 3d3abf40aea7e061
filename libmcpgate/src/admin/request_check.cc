#include "admin/request_check.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMaxIdempotencyKey = 200;

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> ParseVersionTag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 4 || tag.size() > 21 || !tag.starts_with("\"v") || !tag.ends_with('"'))
    return std::nullopt;
  const auto version = ParseInteger(tag.substr(2, tag.size() - 3));
  return version && *version >= 0 ? version : std::nullopt;
}

bool IsIdempotencyKey(std::string_view key) {
  if (key.empty() || key.size() > kMaxIdempotencyKey) return false;
  for (const char c : key) {
    if (c < '!' || c > '~') return false;
  }
  return true;
}

Problem Unfit(std::string detail, const std::vector<SchemaViolation>& violations) {
  Problem problem{.status = 400, .detail = std::move(detail)};
  for (const SchemaViolation& each : violations) problem.misfits.push_back({each.pointer, each.message});
  return problem;
}

}  // namespace

std::string VersionTag(std::int64_t version) { return fmt::format("\"v{}\"", version); }

absl::StatusOr<RequestCheck> RequestCheck::Of(const Endpoint& endpoint) {
  RequestCheck check;
  Json properties = Json::object();
  for (const QueryParameter& each : endpoint.query) {
    properties[each.name] = each.schema;
    check.is_integer_[each.name] = StringOr(each.schema, "type", "") == "integer";
  }
  auto query = CompiledSchema::Compile(
      {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
  if (!query.ok()) return query.status();
  check.query_ = *std::move(query);
  if (endpoint.body) {
    auto body = CompiledSchema::Compile(*endpoint.body);
    if (!body.ok()) return body.status();
    check.body_ = *std::move(body);
  }
  check.takes_condition_ = TakesCondition(endpoint);
  check.takes_key_ = TakesIdempotencyKey(endpoint);
  check.is_stream_ = endpoint.is_stream;
  return check;
}

std::optional<Problem> RequestCheck::CheckQuery(const Values& query) const {
  Json values = Json::object();
  for (const auto& [name, text] : query) {
    const auto known = is_integer_.find(name);
    const auto number =
        known != is_integer_.end() && known->second ? ParseInteger(text) : std::optional<std::int64_t>();
    values[name] = number ? Json(*number) : Json(text);
  }
  const std::vector<SchemaViolation> violations = query_->Validate(values);
  if (violations.empty()) return std::nullopt;
  Problem problem = Unfit("the query does not fit", violations);
  // A query is flat: "/limit" of its values is the parameter "?limit".
  for (Misfit& misfit : problem.misfits) misfit.pointer.replace(0, misfit.pointer.empty() ? 0 : 1, "?");
  return problem;
}

std::optional<Problem> RequestCheck::CheckBody(const std::string& text, Json& body) const {
  body = Json::object();
  if (body_ == nullptr) return std::nullopt;
  absl::StatusOr<Json> read = ParseJson(text);
  if (!read.ok()) {
    return Problem{.status = 400, .detail = "the body is not JSON: " + std::string(read.status().message())};
  }
  const std::vector<SchemaViolation> violations = body_->Validate(*read);
  if (!violations.empty()) return Unfit("the body does not fit", violations);
  body = *std::move(read);
  return std::nullopt;
}

std::variant<CheckedRequest, Problem> RequestCheck::Check(const RawRequest& raw) const {
  if (auto problem = CheckQuery(raw.query)) return *std::move(problem);
  CheckedRequest checked;
  if (auto problem = CheckBody(raw.body, checked.body)) return *std::move(problem);
  if (takes_condition_ && raw.if_match) {
    checked.if_version = ParseVersionTag(*raw.if_match);
    if (!checked.if_version) {
      return Problem{.status = 400, .detail = "If-Match is not an ETag of this service, such as \"v3\""};
    }
  }
  if (takes_key_ && raw.idempotency_key && !IsIdempotencyKey(*raw.idempotency_key)) {
    return Problem{
        .status = 400,
        .detail = fmt::format("Idempotency-Key has 1 to {} visible ASCII characters", kMaxIdempotencyKey)};
  }
  if (is_stream_ && raw.last_event) {
    const auto last = ParseInteger(*raw.last_event);
    if (!last || *last < 0)
      return Problem{.status = 400, .detail = "Last-Event-ID is the number of a record"};
    checked.last_event = static_cast<std::uint64_t>(*last);
  }
  return checked;
}

}  // namespace mcpgate::admin
