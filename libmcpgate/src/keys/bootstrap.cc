// The first administrator of an empty store.
#include <algorithm>
#include <chrono>
#include <utility>

#include "keys/key_format.h"
#include "keys/key_row.h"
#include "keys/network.h"
#include "keys/person_row.h"
#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr char kBootstrapId[] = "bootstrap000";  // one row, so that there is one token
constexpr std::int64_t kLifetimeMillis = 30 * 60 * 1000;
constexpr std::string_view kDefaultTenant = "default";

bool IsOfThisMachine(std::string_view address) {
  static const Network kLoopback4 = *ParseNetwork("127.0.0.0/8"), kLoopback6 = *ParseNetwork("::1");
  return Contains(kLoopback4, address) || Contains(kLoopback6, address);
}

absl::Status NotGood() {
  return absl::PermissionDeniedError(
      "the bootstrap token is not good: it works once, within 30 minutes, from this machine alone");
}

}  // namespace

absl::StatusOr<Secret> StoreKeyAdmin::BeginBootstrap() {
  const absl::StatusOr<KeyRows> rows = book_.store().List({.limit = 2});
  if (!rows.ok()) return rows.status();
  for (const StoredKey& row : rows->rows) {
    if (row.id != kBootstrapId)
      return absl::FailedPreconditionError("there are keys already; use one of an administrator");
  }
  const absl::StatusOr<bool> had_keys = book_.store().HasForgotten();
  if (!had_keys.ok()) return had_keys.status();
  if (*had_keys)
    return absl::FailedPreconditionError("there were keys already; make one with `mcpgate keys create`");
  const std::int64_t now = book_.NowMillis();
  KeyRecord record{.id = kBootstrapId,
                   .family = kBootstrapId,
                   .tenant = std::string(kDefaultTenant),
                   .name = "bootstrap",
                   .created_at = now,
                   .expires_at = now + kLifetimeMillis,
                   .kind = KeyKind::kBootstrap};
  Secret token = MakeToken(book_.brand(), record.kind, record.id);
  record.hash = book_.HashOf(RevealSecret(token));
  RowChange change;
  if (rows->rows.empty()) {
    book_.Seal(record);
    change = {.row = std::move(record)};
  } else {
    const absl::StatusOr<KeyRecord>& old = rows->rows.front().record;
    if (!old.ok()) return old.status();
    if (IsAuthentic(book_.row_key(), *old) && now < old->expires_at)
      return absl::AlreadyExistsError("a bootstrap token was made less than 30 minutes ago");
    record.version = old->version;
    change = Changed(std::move(record));
  }
  absl::Status status = book_.store().Apply({&change, 1});
  if (absl::IsAborted(status))
    status = absl::AlreadyExistsError("another process made a bootstrap token just now");
  if (!status.ok()) return status;
  return token;
}

absl::StatusOr<bool> StoreKeyAdmin::IsAlone() const {
  const absl::StatusOr<KeyRows> rows = book_.store().List({.limit = 2});
  if (!rows.ok()) return rows.status();
  const bool has_none = std::all_of(rows->rows.begin(), rows->rows.end(),
                                    [](const StoredKey& row) { return row.id == kBootstrapId; });
  const absl::StatusOr<bool> had_keys = book_.store().HasForgotten();
  if (!had_keys.ok()) return had_keys;
  return has_none && !*had_keys;
}

absl::StatusOr<IssuedKey> StoreKeyAdmin::Bootstrap(const Secret& token, std::string_view address,
                                                   const KeyRequest& request) {
  const std::string_view text = RevealSecret(token);
  const std::optional<std::string_view> id = ParseToken(book_.brand(), text);
  if (!id || *id != kBootstrapId || !IsOfThisMachine(address)) return NotGood();
  const absl::StatusOr<std::optional<KeyRecord>> row = book_.store().Find(kBootstrapId);
  if (!row.ok()) return row.status();
  if (!row->has_value() || !IsAuthentic(book_.row_key(), **row) || (*row)->kind != KeyKind::kBootstrap ||
      book_.NowMillis() >= (*row)->expires_at || !ConstantTimeEqual((*row)->hash, book_.HashOf(text))) {
    return NotGood();
  }
  const absl::StatusOr<bool> alone = IsAlone();
  if (!alone.ok()) return alone.status();
  if (!*alone) return NotGood();  // somebody has made a key meanwhile: there is an administrator, or will be
  KeyRequest wanted = request;
  wanted.grants.role = Role::kAdmin;
  absl::StatusOr<KeyRecord> draft = Draft(TenantScope::Operator(), wanted);
  if (!draft.ok()) return draft.status();

  Rows changes = {{.verb = RowChange::Verb::kErase, .row = **row}};
  const auto add_missing = [&](PersonKind kind, std::string_view name, PersonRecord person) {
    const absl::Status found = book_.FindPerson(kind, wanted.tenant, name).status();
    if (!absl::IsNotFound(found)) return found;
    book_.Seal(person);
    changes.push_back({.row = std::move(person)});
    return absl::OkStatus();
  };
  const std::int64_t now = book_.NowMillis();
  if (wanted.tenant != kDefaultTenant) {
    const Tenant tenant{.id = wanted.tenant, .created_at = now, .version = 1};
    if (absl::Status no = add_missing(PersonKind::kTenant, tenant.id, RowOf(tenant)); !no.ok()) return no;
  }
  if (!wanted.principal.empty()) {
    const KeyHolder holder{.tenant = wanted.tenant, .id = wanted.principal, .created_at = now, .version = 1};
    if (absl::Status wrong = Validate(holder); !wrong.ok()) return wrong;
    if (absl::Status no = add_missing(PersonKind::kPrincipal, holder.id, RowOf(holder)); !no.ok()) return no;
  }
  IssuedKey issued = MakeKey(*std::move(draft));
  changes.push_back({.row = issued.record});
  const absl::Status status = book_.store().Apply(changes);
  if (absl::IsNotFound(status) || absl::IsAborted(status)) return NotGood();
  if (!status.ok()) return status;
  return issued;
}

}  // namespace mcpgate
