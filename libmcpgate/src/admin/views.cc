#include "admin/views.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "base/crypto.h"

namespace mcpgate::admin {
namespace {

constexpr char kCursorMark[] = "p:";

Json ListJson(const std::vector<std::string>& list) { return list; }

}  // namespace

Json TimeJson(std::int64_t unix_millis) {
  if (unix_millis == 0) return nullptr;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(unix_millis), absl::UTCTimeZone());
}

absl::StatusOr<WallTime> ParseTime(std::string_view field, std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error) || time < absl::UnixEpoch() ||
      time > absl::FromUnixSeconds(9'000'000'000)) {
    return absl::InvalidArgumentError(
        fmt::format("{} must be a time such as 2026-07-28T12:00:00Z, of 1970 or later", field));
  }
  return WallTime(Nanos(absl::ToUnixNanos(time)));
}

Json KeyJson(const KeyInfo& key) {
  const KeyRecord& record = key.record;
  Json json = {{"id", record.id}, {"state", KeyStateName(key.state)}};
  if (key.state == KeyInfo::State::kTampered) {
    json["problem"] = key.problem;
    return json;
  }
  json.update({{"family", record.family},
               {"tenant", record.tenant},
               {"kind", KeyKindName(record.kind)},
               {"name", record.name},
               {"parent", record.parent.empty() ? Json() : Json(record.parent)},
               {"principal", record.principal.empty() ? Json() : Json(record.principal)},
               {"role", RoleName(record.grants.role)},
               {"allow_tools", ListJson(record.grants.allow_tools)},
               {"deny_tools", ListJson(record.grants.deny_tools)},
               {"resources", ListJson(record.grants.resources)},
               {"networks", ListJson(record.networks)},
               {"created_at", TimeJson(record.created_at)},
               {"expires_at", TimeJson(record.expires_at)},
               {"revoked_at", TimeJson(record.revoked_at)},
               {"disabled_at", TimeJson(record.disabled_at)},
               {"version", record.version}});
  return json;
}

Json KeyJson(const KeyInfo& key, const KeyUse& use) {
  Json json = KeyJson(key);
  json["last_used_at"] = TimeJson(use.last_used_at);
  json["uses"] = use.uses;
  return json;
}

Json TenantJson(const Tenant& tenant) {
  return {{"id", tenant.id},
          {"name", tenant.name},
          {"created_at", TimeJson(tenant.created_at)},
          {"disabled_at", TimeJson(tenant.disabled_at)},
          {"version", tenant.version}};
}

Json TeamJson(const Team& team) {
  return {{"id", team.id},
          {"tenant", team.tenant},
          {"name", team.name},
          {"created_at", TimeJson(team.created_at)},
          {"disabled_at", TimeJson(team.disabled_at)},
          {"version", team.version}};
}

Json HolderJson(const KeyHolder& holder) {
  return {{"id", holder.id},
          {"tenant", holder.tenant},
          {"name", holder.name},
          {"team", holder.team.empty() ? Json() : Json(holder.team)},
          {"external_ids", ListJson(holder.external_ids)},
          {"issue_policy", IssuePolicyText(holder.issue_policy)},
          {"session_limit", holder.session_limit},
          {"created_at", TimeJson(holder.created_at)},
          {"disabled_at", TimeJson(holder.disabled_at)},
          {"version", holder.version}};
}

Json PageJson(Json items, std::string_view next) {
  return {{"items", std::move(items)}, {"next", next.empty() ? Json() : Json(next)}};
}

Json PageSchema(std::string_view item) {
  return {
      {"type", "object"},
      {"required", {"items", "next"}},
      {"properties",
       {{"items", {{"type", "array"}, {"items", {{"$ref", fmt::format("#/components/schemas/{}", item)}}}}},
        {"next",
         {{"type", {"string", "null"}}, {"description", "the cursor of what follows; null at the end"}}}}}};
}

std::vector<QueryParameter> PageParameters(std::vector<QueryParameter> others) {
  others.push_back({"limit",
                    {{"type", "integer"}, {"minimum", 1}, {"maximum", 500}, {"default", 100}},
                    "items of a page"});
  others.push_back(
      {"cursor", {{"type", "string"}, {"minLength", 1}, {"maxLength", 1000}}, "the last page's `next`"});
  return others;
}

std::string CursorOf(std::string_view place) {
  return place.empty() ? std::string() : Base64UrlEncode(fmt::format("{}{}", kCursorMark, place));
}

absl::StatusOr<std::string> PlaceOf(std::string_view cursor) {
  if (cursor.empty()) return std::string();
  std::string place;
  if (!Base64UrlDecode(cursor, place) || !place.starts_with(kCursorMark)) {
    return absl::InvalidArgumentError("cursor is not one that a page of this service gave");
  }
  return place.substr(sizeof kCursorMark - 1);
}

Json RoleSchema() {
  return {{"type", "string"},
          {"enum", {"reader", "writer", "manager", "moderator", "admin", "read", "write"}},
          {"description", "read is reader, write is writer"}};
}

std::optional<Role> RoleOf(std::string_view name) {
  if (name == "read") return Role::kReader;
  if (name == "write") return Role::kWriter;
  return ParseRole(name);
}

std::string TenantOf(const ApiRequest& request, std::string_view named) {
  return named.empty() ? request.caller.tenant : std::string(named);
}

Json TextSchema(std::size_t max_length, std::string_view description) {
  return {{"type", "string"}, {"maxLength", max_length}, {"description", description}};
}

Json TextListSchema(std::size_t max_items, std::size_t max_length, std::string_view description) {
  return {{"type", "array"},
          {"maxItems", max_items},
          {"items", {{"type", "string"}, {"minLength", 1}, {"maxLength", max_length}}},
          {"description", description}};
}

Json TimeSchema() { return {{"type", {"string", "null"}}, {"format", "date-time"}}; }

}  // namespace mcpgate::admin
