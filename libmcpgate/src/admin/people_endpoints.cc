// /v1/admin/tenants, teams and principals
#include <fmt/format.h>

#include <utility>

#include "admin/kind.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr char kHolders[] = "/v1/admin/principals";

// ---------------------------------------------------------------- schemas

Json IdSchema(std::string_view pattern) { return {{"type", "string"}, {"pattern", pattern}}; }
Json SlugSchema() { return IdSchema("^[a-z0-9-]{1,64}$"); }
Json HolderIdSchema() { return IdSchema("^[A-Za-z0-9._@-]{1,64}$"); }
Json NameSchema() { return TextSchema(100, "for people"); }

Json ObjectSchema(Json properties, std::vector<std::string> required) {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", std::move(required)},
          {"properties", std::move(properties)}};
}

// What all three have; `own` beside.
Json RowSchema(Json own) {
  const Json text = {{"type", "string"}};
  own.update({{"id", text},
              {"name", text},
              {"created_at", TimeSchema()},
              {"disabled_at", TimeSchema()},
              {"version", {{"type", "integer"}}}});
  return {{"type", "object"}, {"required", {"id", "name", "version"}}, {"properties", std::move(own)}};
}

Json PersonChangeSchema(Json own = Json::object()) {
  own.update({{"name", NameSchema()}, {"disabled", {{"type", "boolean"}}}});
  Json schema = ObjectSchema(std::move(own), {});
  schema["minProperties"] = 1;
  return schema;
}

// Of a holder, to be made or changed.
Json HolderMembers() {
  return {{"team", TextSchema(64, "an existing one, or empty")},
          {"external_ids", TextListSchema(16, 200, "ids elsewhere, such as discord:80351110224678912")},
          {"issue_policy",
           {{"type", "string"},
            {"pattern", "^(limit:[0-9]{1,5}|replace|refuse)$"},
            {"description", "what one key more does: limit:N, replace or refuse"}}},
          {"session_limit", {{"type", "integer"}, {"minimum", 0}, {"maximum", 10'000}}}};
}

// ---------------------------------------------------------------- reading requests

std::optional<std::string> OptionalText(const Json& body, std::string_view name) {
  const std::string* text = FindString(body, name);
  return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

std::optional<bool> OptionalBool(const Json& body, std::string_view name) {
  if (FindMember(body, name) == nullptr) return std::nullopt;
  return BoolOr(body, name, false);
}

std::optional<std::vector<std::string>> OptionalTexts(const Json& body, std::string_view name) {
  const Json* list = FindArray(body, name);
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const Json& text : *list) texts.push_back(text.get<std::string>());
  return texts;
}

PersonChange ChangeOf(const ApiRequest& request) {
  return {.name = OptionalText(request.body, "name"),
          .disabled = OptionalBool(request.body, "disabled"),
          .if_version = request.if_version};
}

absl::StatusOr<std::optional<IssuePolicy>> PolicyOf(const Json& body) {
  const std::string* text = FindString(body, "issue_policy");
  if (text == nullptr) return std::optional<IssuePolicy>();
  const std::optional<IssuePolicy> policy = ParseIssuePolicy(*text);
  if (!policy)
    return absl::InvalidArgumentError("issue_policy is limit:N with N from 1 to 10000, replace or refuse");
  return policy;
}

std::string QueryTenant(const ApiRequest& request) { return TenantOf(request, request.Query("tenant")); }

// ---------------------------------------------------------------- answers

template <typename Row, typename View>
absl::StatusOr<ApiAnswer> One(const absl::StatusOr<Row>& row, View view, std::string_view made_at = {}) {
  if (!row.ok()) return row.status();
  ApiAnswer answer{.body = view(*row), .version = row->version, .audit_fields = {{"id", row->id}}};
  if (!made_at.empty()) answer.location = fmt::format("{}/{}", made_at, row->id);
  return answer;
}

absl::StatusOr<ApiAnswer> CreateHolder(People& people, const ApiRequest& request) {
  const Json& body = request.body;
  const auto policy = PolicyOf(body);
  if (!policy.ok()) return policy.status();
  KeyHolder holder{.tenant = TenantOf(request, StringOr(body, "tenant", "")),
                   .id = StringOr(body, "id", ""),
                   .name = StringOr(body, "name", ""),
                   .team = StringOr(body, "team", ""),
                   .external_ids = OptionalTexts(body, "external_ids").value_or(std::vector<std::string>())};
  if (*policy) holder.issue_policy = **policy;
  holder.session_limit = IntegerOr(body, "session_limit", holder.session_limit);
  return One(people.CreateHolder(request.scope, holder), HolderJson, kHolders);
}

absl::StatusOr<ApiAnswer> UpdateHolder(People& people, const ApiRequest& request) {
  const Json& body = request.body;
  const auto policy = PolicyOf(body);
  if (!policy.ok()) return policy.status();
  KeyHolderChange change{.name = OptionalText(body, "name"),
                         .disabled = OptionalBool(body, "disabled"),
                         .team = OptionalText(body, "team"),
                         .external_ids = OptionalTexts(body, "external_ids"),
                         .issue_policy = *policy,
                         .if_version = request.if_version};
  if (FindMember(body, "session_limit") != nullptr)
    change.session_limit = IntegerOr(body, "session_limit", 0);
  return One(people.UpdateHolder(request.scope, QueryTenant(request), request.Path("id"), change),
             HolderJson);
}

// ---------------------------------------------------------------- the tables

constexpr std::string_view kMake = "Make one";
constexpr std::string_view kChange = "Change what is given; disabling refuses all keys below at once";

std::vector<QueryParameter> OfTenant() {
  return {{"tenant", TextSchema(64, "an id"), "of which tenant; your own unless given"}};
}

std::vector<QueryParameter> HolderFilters() {
  std::vector<QueryParameter> filters = OfTenant();
  filters.push_back({"team", TextSchema(64, "an id"), "of this team alone"});
  return filters;
}

Json NewHolderSchema() {
  Json members = HolderMembers();
  members.update({{"id", HolderIdSchema()}, {"name", NameSchema()}, {"tenant", SlugSchema()}});
  return ObjectSchema(std::move(members), {"id"});
}

// What is done to rows of a kind.
struct Runs {
  EndpointRun page, create, show, change;
};

void AddKind(const Kind& kind, std::vector<QueryParameter> filters, Runs runs, Json created, Json changed,
             Api& api) {
  api.endpoints.push_back(Listing(kind, std::move(filters), std::move(runs.page)));
  api.endpoints.push_back(Creation(kind, kMake, std::move(created), std::move(runs.create)));
  api.endpoints.push_back(Showing(kind, std::move(runs.show)));
  api.endpoints.push_back(Change(kind, kChange, std::move(changed), std::move(runs.change)));
}

void AddTenants(Keyring* ring, Api& api) {
  const Kind kind{.path = "/v1/admin/tenants",
                  .action = "admin.tenants",
                  .tag = "Tenants",
                  .one = "Tenant",
                  .many = "Tenants",
                  .schema = "Tenant",
                  .recorded = {"id", "name", "disabled"}};
  const auto page = [ring](const ApiRequest& request) {
    const auto list = [&](const Place& place) {
      return ring->people().ListTenants(request.scope, place.after, place.limit);
    };
    return AnswerPage(request, list, &PeoplePage<Tenant>::rows, TenantJson);
  };
  const auto create = [ring, at = kind.path](const ApiRequest& request) {
    const Tenant tenant{.id = StringOr(request.body, "id", ""), .name = StringOr(request.body, "name", "")};
    return One(ring->people().CreateTenant(request.scope, tenant), TenantJson, at);
  };
  const auto show = [ring](const ApiRequest& request) {
    return One(ring->people().ShowTenant(request.scope, request.Path("id")), TenantJson);
  };
  const auto change = [ring](const ApiRequest& request) {
    return One(ring->people().UpdateTenant(request.scope, request.Path("id"), ChangeOf(request)), TenantJson);
  };
  const Json schema = ObjectSchema({{"id", SlugSchema()}, {"name", NameSchema()}}, {"id"});
  AddKind(kind, {}, {.page = page, .create = create, .show = show, .change = change}, schema,
          PersonChangeSchema(), api);
}

void AddTeams(Keyring* ring, Api& api) {
  const Kind kind{.path = "/v1/admin/teams",
                  .action = "admin.teams",
                  .tag = "Teams",
                  .one = "Team",
                  .many = "Teams",
                  .schema = "Team",
                  .where = OfTenant(),
                  .recorded = {"id", "tenant", "name", "disabled"}};
  const auto page = [ring](const ApiRequest& request) {
    const auto list = [&](const Place& place) {
      return ring->people().ListTeams(request.scope, request.Query("tenant"), place.after, place.limit);
    };
    return AnswerPage(request, list, &PeoplePage<Team>::rows, TeamJson);
  };
  const auto create = [ring, at = kind.path](const ApiRequest& request) {
    const Team team{.tenant = TenantOf(request, StringOr(request.body, "tenant", "")),
                    .id = StringOr(request.body, "id", ""),
                    .name = StringOr(request.body, "name", "")};
    return One(ring->people().CreateTeam(request.scope, team), TeamJson, at);
  };
  const auto show = [ring](const ApiRequest& request) {
    return One(ring->people().ShowTeam(request.scope, QueryTenant(request), request.Path("id")), TeamJson);
  };
  const auto change = [ring](const ApiRequest& request) {
    return One(
        ring->people().UpdateTeam(request.scope, QueryTenant(request), request.Path("id"), ChangeOf(request)),
        TeamJson);
  };
  const Json schema =
      ObjectSchema({{"id", SlugSchema()}, {"name", NameSchema()}, {"tenant", SlugSchema()}}, {"id"});
  AddKind(kind, OfTenant(), {.page = page, .create = create, .show = show, .change = change}, schema,
          PersonChangeSchema(), api);
}

void AddHolders(Keyring* ring, Api& api) {
  const Kind kind{.path = kHolders,
                  .action = "admin.principals",
                  .tag = "Principals",
                  .one = "Principal",
                  .many = "Principals",
                  .schema = "Principal",
                  .where = OfTenant(),
                  .recorded = {"id", "tenant", "name", "disabled", "team", "external_ids", "issue_policy",
                               "session_limit"}};
  const auto page = [ring](const ApiRequest& request) {
    const auto list = [&](const Place& place) {
      return ring->people().ListHolders(request.scope, request.Query("tenant"), request.Query("team"),
                                        place.after, place.limit);
    };
    return AnswerPage(request, list, &PeoplePage<KeyHolder>::rows, HolderJson);
  };
  const auto create = [ring](const ApiRequest& request) { return CreateHolder(ring->people(), request); };
  const auto show = [ring](const ApiRequest& request) {
    return One(ring->people().ShowHolder(request.scope, QueryTenant(request), request.Path("id")),
               HolderJson);
  };
  const auto change = [ring](const ApiRequest& request) { return UpdateHolder(ring->people(), request); };
  AddKind(kind, HolderFilters(), {.page = page, .create = create, .show = show, .change = change},
          NewHolderSchema(), PersonChangeSchema(HolderMembers()), api);
}

}  // namespace

void AddPeopleEndpoints(const Backends& backends, Api& api) {
  const Json text = {{"type", "string"}};
  api.schemas["Tenant"] = RowSchema(Json::object());
  api.schemas["TenantPage"] = PageSchema("Tenant");
  api.schemas["Team"] = RowSchema({{"tenant", text}});
  api.schemas["TeamPage"] = PageSchema("Team");
  api.schemas["Principal"] = RowSchema({{"tenant", text},
                                        {"team", {{"type", {"string", "null"}}}},
                                        {"external_ids", {{"type", "array"}, {"items", text}}},
                                        {"issue_policy", text},
                                        {"session_limit", {{"type", "integer"}}}});
  api.schemas["PrincipalPage"] = PageSchema("Principal");
  AddTenants(backends.keyring, api);
  AddTeams(backends.keyring, api);
  AddHolders(backends.keyring, api);
}

}  // namespace mcpgate::admin
