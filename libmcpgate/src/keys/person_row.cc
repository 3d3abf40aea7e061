#include "keys/person_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "keys/key_request.h"
#include "mcpgate/json.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxExternals = 16;
constexpr std::size_t kMaxExternal = 200;
constexpr std::size_t kMaxId = 64;
constexpr std::int64_t kMostKeys = 10'000;

absl::Status Wrong(std::string_view field, std::string_view must) {
  return absl::InvalidArgumentError(fmt::format("{} {}", field, must));
}

template <typename Row>
Json BodyOf(const Row& facts) {
  return {{"name", facts.name}, {"created_at", facts.created_at}, {"disabled_at", facts.disabled_at}};
}

template <typename Row>
void ReadBody(const PersonRecord& row, const Json& body, Row& facts) {
  facts.id = row.id;
  facts.version = row.version;
  facts.name = StringOr(body, "name", "");
  facts.created_at = IntegerOr(body, "created_at", 0);
  facts.disabled_at = IntegerOr(body, "disabled_at", 0);
}

absl::StatusOr<Json> ParseBody(const PersonRecord& row) {
  absl::StatusOr<Json> body = ParseJson(row.body);
  if (body.ok() && body->is_object()) return body;
  return absl::DataLossError(
      fmt::format("{} {}: its body is not an object", PersonKindName(row.kind), row.id));
}

absl::Status CheckName(const std::string& name) {
  return name.empty() || IsKeyName(name)
             ? absl::OkStatus()
             : Wrong("name", "must be empty or up to 100 characters without control characters");
}

bool IsHolderId(const std::string& id) {
  constexpr std::string_view kOthers = "._@-";
  return !id.empty() && id.size() <= kMaxId && std::all_of(id.begin(), id.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

absl::Status CheckExternals(const std::vector<std::string>& ids) {
  if (ids.size() > kMaxExternals)
    return Wrong("external_ids", fmt::format("must be at most {}", kMaxExternals));
  std::set<std::string_view> seen;
  for (const std::string& id : ids) {
    const bool visible = std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (id.empty() || id.size() > kMaxExternal || !visible)
      return Wrong("external_ids",
                   fmt::format("must be 1 to {} visible ASCII characters each", kMaxExternal));
    if (!seen.insert(id).second) return Wrong("external_ids", fmt::format("has '{}' twice", id));
  }
  return absl::OkStatus();
}

}  // namespace

std::string IssuePolicyText(const IssuePolicy& policy) {
  if (policy.rule == IssuePolicy::Rule::kReplace) return "replace";
  if (policy.rule == IssuePolicy::Rule::kRefuse) return "refuse";
  return fmt::format("limit:{}", policy.limit);
}

std::optional<IssuePolicy> ParseIssuePolicy(std::string_view text) {
  constexpr std::string_view kLimit = "limit:";
  if (text == "replace") return IssuePolicy{.rule = IssuePolicy::Rule::kReplace};
  if (text == "refuse") return IssuePolicy{.rule = IssuePolicy::Rule::kRefuse};
  if (!text.starts_with(kLimit)) return std::nullopt;
  text.remove_prefix(kLimit.size());
  IssuePolicy policy;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), policy.limit);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (policy.limit < 1 || policy.limit > kMostKeys) return std::nullopt;
  return policy;
}

PersonRecord RowOf(const Tenant& tenant) {
  return {.kind = PersonKind::kTenant,
          .tenant = tenant.id,
          .id = tenant.id,
          .body = DumpJson(BodyOf(tenant)),
          .version = tenant.version};
}

PersonRecord RowOf(const Team& team) {
  return {.kind = PersonKind::kTeam,
          .tenant = team.tenant,
          .id = team.id,
          .body = DumpJson(BodyOf(team)),
          .version = team.version};
}

PersonRecord RowOf(const KeyHolder& holder) {
  Json body = BodyOf(holder);
  body["issue_policy"] = IssuePolicyText(holder.issue_policy);
  body["session_limit"] = holder.session_limit;
  return {.kind = PersonKind::kPrincipal,
          .tenant = holder.tenant,
          .id = holder.id,
          .parent = holder.team,
          .externals = holder.external_ids,
          .body = DumpJson(body),
          .version = holder.version};
}

absl::Status ReadRow(const PersonRecord& row, Tenant& tenant) {
  const absl::StatusOr<Json> body = ParseBody(row);
  if (!body.ok()) return body.status();
  ReadBody(row, *body, tenant);
  return absl::OkStatus();
}

absl::Status ReadRow(const PersonRecord& row, Team& team) {
  const absl::StatusOr<Json> body = ParseBody(row);
  if (!body.ok()) return body.status();
  ReadBody(row, *body, team);
  team.tenant = row.tenant;
  return absl::OkStatus();
}

absl::Status ReadRow(const PersonRecord& row, KeyHolder& holder) {
  const absl::StatusOr<Json> body = ParseBody(row);
  if (!body.ok()) return body.status();
  ReadBody(row, *body, holder);
  holder.tenant = row.tenant;
  holder.team = row.parent;
  holder.external_ids = row.externals;
  const std::optional<IssuePolicy> policy = ParseIssuePolicy(StringOr(*body, "issue_policy", ""));
  if (!policy.has_value())
    return absl::DataLossError(fmt::format("principal {}: its issue policy is not one", row.id));
  holder.issue_policy = *policy;
  holder.session_limit = IntegerOr(*body, "session_limit", 0);
  return absl::OkStatus();
}

absl::Status Validate(const Tenant& tenant) {
  if (!IsTenantId(tenant.id)) return Wrong("id", "must be 1 to 64 of a-z, 0-9 and '-'");
  return CheckName(tenant.name);
}

absl::Status Validate(const Team& team) {
  if (!IsTenantId(team.id)) return Wrong("id", "must be 1 to 64 of a-z, 0-9 and '-'");
  return CheckName(team.name);
}

absl::Status Validate(const KeyHolder& holder) {
  if (!IsHolderId(holder.id)) return Wrong("id", "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '@' and '-'");
  if (absl::Status status = CheckName(holder.name); !status.ok()) return status;
  if (holder.issue_policy.limit < 1 || holder.issue_policy.limit > kMostKeys)
    return Wrong("issue_policy", fmt::format("must allow 1 to {} keys", kMostKeys));
  if (holder.session_limit < 0 || holder.session_limit > kMostKeys)
    return Wrong("session_limit", fmt::format("must be 0 to {}", kMostKeys));
  return CheckExternals(holder.external_ids);
}

}  // namespace mcpgate
