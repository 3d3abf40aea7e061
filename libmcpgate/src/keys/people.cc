#include "keys/people.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/person_row.h"

namespace mcpgate {
namespace {

constexpr std::string_view kDefaultTenant = "default";  // is there without a row

PersonKind KindOf(const Tenant&) { return PersonKind::kTenant; }
PersonKind KindOf(const Team&) { return PersonKind::kTeam; }
PersonKind KindOf(const KeyHolder&) { return PersonKind::kPrincipal; }

absl::Status NoSuch(PersonKind kind, std::string_view id) {
  return absl::NotFoundError(fmt::format("there is no {} {}", PersonKindName(kind), id));
}

absl::Status OperatorOnly(const TenantScope& scope, std::string_view what) {
  if (scope.is_operator()) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("only the operator may {}", what));
}

template <typename Change, typename Row>
void ApplyFacts(const Change& change, std::int64_t now, Row& facts) {
  if (change.name) facts.name = *change.name;
  if (!change.disabled) return;
  if (!*change.disabled) facts.disabled_at = 0;
  if (*change.disabled && facts.disabled_at == 0) facts.disabled_at = std::max<std::int64_t>(now, 1);
}

// Safe for concurrent use: it holds nothing but the book.
class StorePeople : public People {
 public:
  explicit StorePeople(const KeyBook& book) : book_(book) {}

  absl::StatusOr<Tenant> CreateTenant(const TenantScope& scope, const Tenant& tenant) override {
    if (absl::Status no = OperatorOnly(scope, "make tenants"); !no.ok()) return no;
    return Create(tenant);
  }
  absl::StatusOr<Tenant> ShowTenant(const TenantScope& scope, std::string_view id) override {
    return Show<Tenant>(scope, id, id);
  }
  absl::StatusOr<PeoplePage<Tenant>> ListTenants(const TenantScope& scope, std::string_view after,
                                                 std::size_t limit) override {
    return List<Tenant>(scope, {.kind = PersonKind::kTenant, .after = std::string(after), .limit = limit});
  }
  absl::StatusOr<Tenant> UpdateTenant(const TenantScope& scope, std::string_view id,
                                      const PersonChange& change) override {
    if (absl::Status no = OperatorOnly(scope, "change tenants"); !no.ok()) return no;
    return Update<Tenant>(scope, id, id, change, [&](Tenant& tenant) {
      ApplyFacts(change, book_.NowMillis(), tenant);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<Team> CreateTeam(const TenantScope& scope, const Team& team) override {
    if (absl::Status no = RequireTenant(scope, team.tenant); !no.ok()) return no;
    return Create(team);
  }
  absl::StatusOr<Team> ShowTeam(const TenantScope& scope, std::string_view tenant,
                                std::string_view id) override {
    return Show<Team>(scope, tenant, id);
  }
  absl::StatusOr<PeoplePage<Team>> ListTeams(const TenantScope& scope, std::string_view tenant,
                                             std::string_view after, std::size_t limit) override {
    return List<Team>(scope, {.kind = PersonKind::kTeam,
                              .tenant = std::string(tenant),
                              .after = std::string(after),
                              .limit = limit});
  }
  absl::StatusOr<Team> UpdateTeam(const TenantScope& scope, std::string_view tenant, std::string_view id,
                                  const PersonChange& change) override {
    return Update<Team>(scope, tenant, id, change, [&](Team& team) {
      ApplyFacts(change, book_.NowMillis(), team);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<KeyHolder> CreateHolder(const TenantScope& scope, const KeyHolder& holder) override {
    if (absl::Status no = RequireTenant(scope, holder.tenant); !no.ok()) return no;
    if (absl::Status no = RequireTeam(holder); !no.ok()) return no;
    return Create(holder);
  }
  absl::StatusOr<KeyHolder> ShowHolder(const TenantScope& scope, std::string_view tenant,
                                       std::string_view id) override {
    return Show<KeyHolder>(scope, tenant, id);
  }
  absl::StatusOr<KeyHolder> FindHolder(const TenantScope& scope, std::string_view tenant,
                                       std::string_view external_id) override;
  absl::StatusOr<PeoplePage<KeyHolder>> ListHolders(const TenantScope& scope, std::string_view tenant,
                                                    std::string_view team, std::string_view after,
                                                    std::size_t limit) override {
    return List<KeyHolder>(scope, {.kind = PersonKind::kPrincipal,
                                   .tenant = std::string(tenant),
                                   .parent = std::string(team),
                                   .after = std::string(after),
                                   .limit = limit});
  }
  absl::StatusOr<KeyHolder> UpdateHolder(const TenantScope& scope, std::string_view tenant,
                                         std::string_view id, const KeyHolderChange& change) override {
    return Update<KeyHolder>(scope, tenant, id, change, [&](KeyHolder& holder) {
      ApplyFacts(change, book_.NowMillis(), holder);
      if (change.team) holder.team = *change.team;
      if (change.external_ids) holder.external_ids = *change.external_ids;
      if (change.issue_policy) holder.issue_policy = *change.issue_policy;
      if (change.session_limit) holder.session_limit = *change.session_limit;
      return change.team ? RequireTeam(holder) : absl::OkStatus();
    });
  }

 private:
  absl::Status RequireTenant(const TenantScope& scope, std::string_view tenant) const {
    if (!scope.Covers(tenant)) return NoSuch(PersonKind::kTenant, tenant);
    if (tenant == kDefaultTenant) return absl::OkStatus();
    return book_.FindPerson(PersonKind::kTenant, tenant, tenant).status();
  }
  absl::Status RequireTeam(const KeyHolder& holder) const {
    if (holder.team.empty()) return absl::OkStatus();
    return book_.FindPerson(PersonKind::kTeam, holder.tenant, holder.team).status();
  }

  template <typename Row>
  absl::StatusOr<Row> Create(Row row) const {
    if (absl::Status status = Validate(row); !status.ok()) return status;
    row.created_at = book_.NowMillis();
    row.disabled_at = 0;
    row.version = 1;
    PersonRecord record = RowOf(row);
    book_.Seal(record);
    const RowChange insert{.row = std::move(record)};
    if (absl::Status status = book_.store().Apply({&insert, 1}); !status.ok()) return status;
    return row;
  }

  template <typename Row>
  absl::StatusOr<Row> Show(const TenantScope& scope, std::string_view tenant, std::string_view id) const {
    Row row;
    if (!scope.Covers(tenant)) return NoSuch(KindOf(row), id);
    const absl::StatusOr<PersonRecord> record = book_.FindPerson(KindOf(row), tenant, id);
    if (!record.ok()) return record.status();
    if (absl::Status status = ReadRow(*record, row); !status.ok()) return status;
    return row;
  }

  template <typename Row, typename Change, typename Edit>
  absl::StatusOr<Row> Update(const TenantScope& scope, std::string_view tenant, std::string_view id,
                             const Change& change, Edit edit) const {
    absl::Status status;
    for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
      absl::StatusOr<Row> row = Show<Row>(scope, tenant, id);
      if (!row.ok()) return row;
      if (change.if_version && *change.if_version != row->version)
        return absl::AbortedError(fmt::format("{} {} was changed meanwhile; it has version {} now",
                                              PersonKindName(KindOf(*row)), id, row->version));
      if (absl::Status no = edit(*row); !no.ok()) return no;
      if (absl::Status no = Validate(*row); !no.ok()) return no;
      ++row->version;
      PersonRecord record = RowOf(*row);
      book_.Seal(record);
      const RowChange update{.verb = RowChange::Verb::kUpdate, .row = std::move(record)};
      status = book_.store().Apply({&update, 1});
      if (status.ok()) return row;
      if (!absl::IsAborted(status)) break;
    }
    return status;
  }

  template <typename Row>
  absl::StatusOr<PeoplePage<Row>> List(const TenantScope& scope, PersonQuery query) const {
    if (!scope.is_operator()) {
      if (!query.tenant.empty() && !scope.Covers(query.tenant)) return PeoplePage<Row>{};
      query.tenant = scope.tenant();
    }
    absl::StatusOr<PersonRows> found = book_.store().ListPeople(query);
    if (!found.ok()) return found.status();
    PeoplePage<Row> page{.next = std::move(found->next)};
    for (const StoredPerson& stored : found->rows) {
      // Read again by id, which checks that the row is authentic and the one it was listed as.
      absl::StatusOr<Row> row = Show<Row>(scope, stored.tenant, stored.id);
      if (absl::IsNotFound(row.status())) continue;
      if (!row.ok()) return row.status();
      page.rows.push_back(*std::move(row));
    }
    return page;
  }

  const KeyBook& book_;
};

absl::StatusOr<KeyHolder> StorePeople::FindHolder(const TenantScope& scope, std::string_view tenant,
                                                  std::string_view external_id) {
  const absl::StatusOr<PeoplePage<KeyHolder>> page =
      List<KeyHolder>(scope, {.kind = PersonKind::kPrincipal,
                              .tenant = std::string(tenant),
                              .external = std::string(external_id),
                              .limit = 1});
  if (!page.ok()) return page.status();
  for (const KeyHolder& holder : page->rows) {
    const auto& ids = holder.external_ids;
    if (std::find(ids.begin(), ids.end(), external_id) != ids.end()) return holder;
  }
  return absl::NotFoundError("there is no principal with this external id");
}

}  // namespace

std::unique_ptr<People> NewPeople(const KeyBook& book) { return std::make_unique<StorePeople>(book); }

}  // namespace mcpgate
