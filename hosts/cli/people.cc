#include "cli/people.h"

#include <fmt/format.h>

#include <utility>

#include "cli/key_view.h"
#include "cli/keys.h"
#include "cli/recorded.h"
#include "common/table.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kPage = 500;

const TenantScope& Operator() {
  static const TenantScope scope = TenantScope::Operator();
  return scope;
}

// What each kind is called, and what it has beside the others.
const char* WordOf(const Tenant&) { return "tenant"; }
const char* WordOf(const Team&) { return "team"; }
const char* WordOf(const KeyHolder&) { return "principal"; }

template <typename Row>
Json CommonJson(const Row& row) {
  return {{"id", row.id},
          {"name", row.name},
          {"state", row.disabled_at == 0 ? "enabled" : "disabled"},
          {"created_at", TimeText(row.created_at)},
          {"version", row.version}};
}
Json JsonOf(const Tenant& tenant) { return CommonJson(tenant); }
Json JsonOf(const Team& team) {
  Json json = CommonJson(team);
  json["tenant"] = team.tenant;
  return json;
}
Json JsonOf(const KeyHolder& holder) {
  Json json = CommonJson(holder);
  json["tenant"] = holder.tenant;
  json["team"] = holder.team.empty() ? Json() : Json(holder.team);
  json["external_ids"] = holder.external_ids;
  json["issue_policy"] = IssuePolicyText(holder.issue_policy);
  json["session_limit"] = holder.session_limit;
  return json;
}

// A list for people: one column for what all have, and those of the kind.
std::vector<std::string> HeaderOf(const Tenant&) { return {"ID", "NAME", "STATE", "CREATED"}; }
std::vector<std::string> HeaderOf(const Team&) { return {"ID", "NAME", "STATE", "CREATED", "TENANT"}; }
std::vector<std::string> HeaderOf(const KeyHolder&) {
  return {"ID", "NAME", "STATE", "CREATED", "TENANT", "TEAM", "ALSO KNOWN AS", "ISSUE POLICY", "SESSIONS"};
}
template <typename Row>
std::vector<Cell> CommonCells(const Row& row) {
  const bool is_on = row.disabled_at == 0;
  return {row.id, row.name, Cell(is_on ? "enabled" : "disabled", is_on ? Tone::kGood : Tone::kWarning),
          TimeText(row.created_at)};
}
std::vector<Cell> CellsOf(const Tenant& tenant) { return CommonCells(tenant); }
std::vector<Cell> CellsOf(const Team& team) {
  std::vector<Cell> cells = CommonCells(team);
  cells.emplace_back(team.tenant);
  return cells;
}
std::vector<Cell> CellsOf(const KeyHolder& holder) {
  std::vector<Cell> cells = CommonCells(holder);
  for (const std::string& text : {holder.tenant, holder.team, JoinText(holder.external_ids),
                                  IssuePolicyText(holder.issue_policy), std::to_string(holder.session_limit)})
    cells.emplace_back(text);
  return cells;
}

template <typename Row>
int ShowRow(const Console& console, const absl::StatusOr<Row>& row) {
  if (!row.ok()) return console.Fail(row.status());
  if (console.json()) {
    console.Document({{WordOf(*row), JsonOf(*row)}});
    return kDone;
  }
  Table table(HeaderOf(*row), 40);
  table.Add(CellsOf(*row));
  console.Text(table.Render(console.colour()));
  return kDone;
}

// `page` answers the page after a cursor.
template <typename Row, typename Page>
int ListRows(const Console& console, const ListPeopleOptions& options, const char* plural, Page page) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  std::vector<Row> rows;
  std::string after;
  do {
    absl::StatusOr<PeoplePage<Row>> found = page(store->keyring->people(), after);
    if (!found.ok()) return console.Fail(found.status());
    rows.insert(rows.end(), found->rows.begin(), found->rows.end());
    after = found->next;
  } while (!after.empty());
  if (console.json()) {
    Json list = Json::array();
    for (const Row& row : rows) list.push_back(JsonOf(row));
    console.Document({{plural, list}});
    return kDone;
  }
  Table table(HeaderOf(Row{}), 40);
  for (const Row& row : rows) table.Add(CellsOf(row));
  console.Text(rows.empty() ? fmt::format("No {}.\n", plural) : table.Render(console.colour()));
  return kDone;
}

AdminChange::Fields FieldsOf(const PersonOptions& options, bool has_tenant) {
  const KeyHolderChange& change = options.change;
  AdminChange::Fields fields = {{"id", options.id}};
  if (has_tenant) fields.emplace_back("tenant", options.tenant);
  if (change.name) fields.emplace_back("name", *change.name);
  if (change.disabled) fields.emplace_back("disabled", *change.disabled ? "true" : "false");
  if (change.team) fields.emplace_back("team", *change.team);
  if (change.external_ids) fields.emplace_back("external_ids", JoinText(*change.external_ids));
  if (change.issue_policy) fields.emplace_back("issue_policy", IssuePolicyText(*change.issue_policy));
  if (change.session_limit) fields.emplace_back("session_limit", std::to_string(*change.session_limit));
  return fields;
}

// `act` does it; recorded under `verb`, "create" or "update".
template <typename Row, typename Act>
int ChangeRow(const Console& console, const PersonOptions& options, const char* verb, Act act) {
  const bool is_new = std::string_view(verb) == "create";
  absl::StatusOr<Store> store = is_new ? OpenOrMakeKeys(options.data) : OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const bool has_tenant = !std::is_same_v<Row, Tenant>;
  const absl::StatusOr<Row> row = Recorded(
      console, *store, fmt::format("{}s.{}", WordOf(Row{}), verb), "", FieldsOf(options, has_tenant),
      [&] { return act(store->keyring->people()); }, [](const Row&) { return ""; });
  return ShowRow(console, row);
}

template <typename Row, typename Find>
int FindRow(const Console& console, const PersonOptions& options, Find find) {
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  return ShowRow<Row>(console, find(store->keyring->people()));
}

PersonChange CommonChange(const KeyHolderChange& change) {
  return {.name = change.name, .disabled = change.disabled};
}

}  // namespace

int CreateTenant(const Console& console, const PersonOptions& options) {
  return ChangeRow<Tenant>(console, options, "create", [&](People& people) {
    return people.CreateTenant(Operator(), {.id = options.id, .name = options.change.name.value_or("")});
  });
}
int ListTenants(const Console& console, const ListPeopleOptions& options) {
  return ListRows<Tenant>(console, options, "tenants", [](People& people, const std::string& after) {
    return people.ListTenants(Operator(), after, kPage);
  });
}
int ShowTenant(const Console& console, const PersonOptions& options) {
  return FindRow<Tenant>(console, options,
                         [&](People& people) { return people.ShowTenant(Operator(), options.id); });
}
int UpdateTenant(const Console& console, const PersonOptions& options) {
  return ChangeRow<Tenant>(console, options, "update", [&](People& people) {
    return people.UpdateTenant(Operator(), options.id, CommonChange(options.change));
  });
}

int CreateTeam(const Console& console, const PersonOptions& options) {
  return ChangeRow<Team>(console, options, "create", [&](People& people) {
    return people.CreateTeam(
        Operator(), {.tenant = options.tenant, .id = options.id, .name = options.change.name.value_or("")});
  });
}
int ListTeams(const Console& console, const ListPeopleOptions& options) {
  return ListRows<Team>(console, options, "teams", [&](People& people, const std::string& after) {
    return people.ListTeams(Operator(), options.tenant, after, kPage);
  });
}
int ShowTeam(const Console& console, const PersonOptions& options) {
  return FindRow<Team>(console, options, [&](People& people) {
    return people.ShowTeam(Operator(), options.tenant, options.id);
  });
}
int UpdateTeam(const Console& console, const PersonOptions& options) {
  return ChangeRow<Team>(console, options, "update", [&](People& people) {
    return people.UpdateTeam(Operator(), options.tenant, options.id, CommonChange(options.change));
  });
}

int CreateHolder(const Console& console, const PersonOptions& options) {
  const KeyHolderChange& given = options.change;
  KeyHolder holder{.tenant = options.tenant, .id = options.id};
  holder.name = given.name.value_or("");
  holder.team = given.team.value_or("");
  if (given.external_ids) holder.external_ids = *given.external_ids;
  if (given.issue_policy) holder.issue_policy = *given.issue_policy;
  if (given.session_limit) holder.session_limit = *given.session_limit;
  return ChangeRow<KeyHolder>(console, options, "create",
                              [&](People& people) { return people.CreateHolder(Operator(), holder); });
}
int ListHolders(const Console& console, const ListPeopleOptions& options) {
  if (!options.team.empty() && options.tenant.empty())
    return console.Fail("--team needs --tenant", "mcpgate principals list --help", kUsage);
  return ListRows<KeyHolder>(console, options, "principals", [&](People& people, const std::string& after) {
    return people.ListHolders(Operator(), options.tenant, options.team, after, kPage);
  });
}
int ShowHolder(const Console& console, const PersonOptions& options) {
  return FindRow<KeyHolder>(console, options, [&](People& people) {
    return people.ShowHolder(Operator(), options.tenant, options.id);
  });
}
int UpdateHolder(const Console& console, const PersonOptions& options) {
  return ChangeRow<KeyHolder>(console, options, "update", [&](People& people) {
    return people.UpdateHolder(Operator(), options.tenant, options.id, options.change);
  });
}

}  // namespace mcpgate::hosts
