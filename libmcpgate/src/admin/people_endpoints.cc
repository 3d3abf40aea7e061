// /v1/admin/tenants, teams and principals
#include <fmt/format.h>

#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr char kTenants[] = "/v1/admin/tenants", kTeams[] = "/v1/admin/teams",
               kHolders[] = "/v1/admin/principals";
constexpr char kTenantTag[] = "Tenants", kTeamTag[] = "Teams", kHolderTag[] = "Principals";

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

Json ChangeSchema(Json own = Json::object()) {
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

template <typename Row, typename View>
absl::StatusOr<ApiAnswer> Page(const absl::StatusOr<PeoplePage<Row>>& page, View view) {
  if (!page.ok()) return page.status();
  Json items = Json::array();
  for (const Row& row : page->rows) items.push_back(view(row));
  return ApiAnswer{.body = PageJson(std::move(items), CursorOf(page->next))};
}

// Where a page begins and how long it is.
struct Place {
  std::string after;
  std::size_t limit = 100;
};
absl::StatusOr<Place> PlaceIn(const ApiRequest& request) {
  absl::StatusOr<std::string> after = PlaceOf(request.Query("cursor"));
  if (!after.ok()) return after.status();
  return Place{*std::move(after), static_cast<std::size_t>(request.Number("limit", 100))};
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

std::vector<QueryParameter> OfTenant() {
  return {{"tenant", TextSchema(64, "an id"), "of which tenant; your own unless given"}};
}

Endpoint Listing(std::string_view path, std::string_view operation, std::string_view action,
                 std::string_view tag, std::string_view answers, std::vector<QueryParameter> query) {
  return {.method = "GET",
          .path = path,
          .operation = operation,
          .action = action,
          .tag = tag,
          .summary = "In order of id",
          .effect = false,
          .query = std::move(query),
          .answers = answers};
}

Endpoint Creation(std::string_view path, std::string_view operation, std::string_view action,
                  std::string_view tag, std::string_view answers, Json body) {
  return {.method = "POST",
          .path = path,
          .operation = operation,
          .action = action,
          .tag = tag,
          .summary = "Make one",
          .body = std::move(body),
          .status = 201,
          .answers = answers,
          .has_version = true,
          .problems = {404, 409}};
}

Endpoint Showing(std::string_view path, std::string_view operation, std::string_view action,
                 std::string_view tag, std::string_view answers, std::vector<QueryParameter> query) {
  return {.method = "GET",
          .path = path,
          .operation = operation,
          .action = action,
          .tag = tag,
          .summary = "One of them",
          .effect = false,
          .query = std::move(query),
          .answers = answers,
          .has_version = true,
          .problems = {404}};
}

Endpoint Change(std::string_view path, std::string_view operation, std::string_view action,
                std::string_view tag, std::string_view answers, std::vector<QueryParameter> query,
                Json body) {
  return {.method = "PATCH",
          .path = path,
          .operation = operation,
          .action = action,
          .tag = tag,
          .summary = "Change what is given; disabling refuses all keys below at once",
          .query = std::move(query),
          .body = std::move(body),
          .answers = answers,
          .has_version = true,
          .problems = {404, 409}};
}

void Add(Api& api, Endpoint endpoint, std::function<absl::StatusOr<ApiAnswer>(const ApiRequest&)> run) {
  endpoint.run = std::move(run);
  api.endpoints.push_back(std::move(endpoint));
}

void AddTenants(Keyring* ring, Api& api) {
  Add(api, Listing(kTenants, "listTenants", "admin.tenants.list", kTenantTag, "TenantPage", PageParameters()),
      [ring](const ApiRequest& request) -> absl::StatusOr<ApiAnswer> {
        const auto place = PlaceIn(request);
        if (!place.ok()) return place.status();
        return Page(ring->people().ListTenants(request.scope, place->after, place->limit), TenantJson);
      });
  Add(api,
      Creation(kTenants, "createTenant", "admin.tenants.create", kTenantTag, "Tenant",
               ObjectSchema({{"id", SlugSchema()}, {"name", NameSchema()}}, {"id"})),
      [ring](const ApiRequest& request) {
        const Tenant tenant{.id = StringOr(request.body, "id", ""),
                            .name = StringOr(request.body, "name", "")};
        return One(ring->people().CreateTenant(request.scope, tenant), TenantJson, kTenants);
      });
  Add(api, Showing("/v1/admin/tenants/{id}", "showTenant", "admin.tenants.show", kTenantTag, "Tenant", {}),
      [ring](const ApiRequest& request) {
        return One(ring->people().ShowTenant(request.scope, request.Path("id")), TenantJson);
      });
  Add(api,
      Change("/v1/admin/tenants/{id}", "changeTenant", "admin.tenants.change", kTenantTag, "Tenant", {},
             ChangeSchema()),
      [ring](const ApiRequest& request) {
        return One(ring->people().UpdateTenant(request.scope, request.Path("id"), ChangeOf(request)),
                   TenantJson);
      });
}

void AddTeams(Keyring* ring, Api& api) {
  Add(api, Listing(kTeams, "listTeams", "admin.teams.list", kTeamTag, "TeamPage", PageParameters(OfTenant())),
      [ring](const ApiRequest& request) -> absl::StatusOr<ApiAnswer> {
        const auto place = PlaceIn(request);
        if (!place.ok()) return place.status();
        return Page(ring->people().ListTeams(request.scope, std::string(request.Query("tenant")),
                                             place->after, place->limit),
                    TeamJson);
      });
  Add(api,
      Creation(
          kTeams, "createTeam", "admin.teams.create", kTeamTag, "Team",
          ObjectSchema({{"id", SlugSchema()}, {"name", NameSchema()}, {"tenant", SlugSchema()}}, {"id"})),
      [ring](const ApiRequest& request) {
        const Team team{.tenant = TenantOf(request, StringOr(request.body, "tenant", "")),
                        .id = StringOr(request.body, "id", ""),
                        .name = StringOr(request.body, "name", "")};
        return One(ring->people().CreateTeam(request.scope, team), TeamJson, kTeams);
      });
  Add(api, Showing("/v1/admin/teams/{id}", "showTeam", "admin.teams.show", kTeamTag, "Team", OfTenant()),
      [ring](const ApiRequest& request) {
        return One(ring->people().ShowTeam(request.scope, QueryTenant(request), request.Path("id")),
                   TeamJson);
      });
  Add(api,
      Change("/v1/admin/teams/{id}", "changeTeam", "admin.teams.change", kTeamTag, "Team", OfTenant(),
             ChangeSchema()),
      [ring](const ApiRequest& request) {
        return One(ring->people().UpdateTeam(request.scope, QueryTenant(request), request.Path("id"),
                                             ChangeOf(request)),
                   TeamJson);
      });
}

std::vector<QueryParameter> HolderFilters() {
  std::vector<QueryParameter> filters = OfTenant();
  filters.push_back({"team", TextSchema(64, "an id"), "of this team alone"});
  return PageParameters(std::move(filters));
}

Json NewHolderSchema() {
  Json members = HolderMembers();
  members.update({{"id", HolderIdSchema()}, {"name", NameSchema()}, {"tenant", SlugSchema()}});
  return ObjectSchema(std::move(members), {"id"});
}

void AddHolders(Keyring* ring, Api& api) {
  Add(api,
      Listing(kHolders, "listPrincipals", "admin.principals.list", kHolderTag, "PrincipalPage",
              HolderFilters()),
      [ring](const ApiRequest& request) -> absl::StatusOr<ApiAnswer> {
        const auto place = PlaceIn(request);
        if (!place.ok()) return place.status();
        return Page(
            ring->people().ListHolders(request.scope, std::string(request.Query("tenant")),
                                       std::string(request.Query("team")), place->after, place->limit),
            HolderJson);
      });
  Add(api,
      Creation(kHolders, "createPrincipal", "admin.principals.create", kHolderTag, "Principal",
               NewHolderSchema()),
      [ring](const ApiRequest& request) { return CreateHolder(ring->people(), request); });
  Add(api,
      Showing("/v1/admin/principals/{id}", "showPrincipal", "admin.principals.show", kHolderTag, "Principal",
              OfTenant()),
      [ring](const ApiRequest& request) {
        return One(ring->people().ShowHolder(request.scope, QueryTenant(request), request.Path("id")),
                   HolderJson);
      });
  Add(api,
      Change("/v1/admin/principals/{id}", "changePrincipal", "admin.principals.change", kHolderTag,
             "Principal", OfTenant(), ChangeSchema(HolderMembers())),
      [ring](const ApiRequest& request) { return UpdateHolder(ring->people(), request); });
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
