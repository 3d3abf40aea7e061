// What all verbs of KeyAdmin stand on: rows read whole, checked, and changed together.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/key_format.h"
#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr std::size_t kPage = 500;

bool IsLive(const KeyInfo& info) {
  return info.state == KeyInfo::State::kLive || info.state == KeyInfo::State::kDisabled;
}

absl::Status Tampered(const KeyInfo& info) {
  return absl::DataLossError(
      fmt::format("key {} is tampered with and refused already: {}", info.record.id, info.problem));
}

}  // namespace

KeyRecord* Family::current() {
  const auto found =
      std::find_if(live.begin(), live.end(), [](const KeyRecord& record) { return record.retires_at == 0; });
  return found == live.end() ? nullptr : &*found;
}

KeyRecord* Family::old() {
  const auto found =
      std::find_if(live.begin(), live.end(), [](const KeyRecord& record) { return record.retires_at != 0; });
  return found == live.end() ? nullptr : &*found;
}

IssuedKey StoreKeyAdmin::MakeKey(KeyRecord draft) const {
  IssuedKey issued{.record = std::move(draft)};
  KeyRecord& record = issued.record;
  record.id = NewKeyId();
  if (record.family.empty()) record.family = record.id;
  record.version = 1;
  issued.token = MakeToken(book_.brand(), record.kind, record.id);
  record.hash = book_.HashOf(RevealSecret(issued.token));
  book_.Seal(record);
  return issued;
}

RowChange StoreKeyAdmin::Changed(KeyRecord record) const {
  ++record.version;
  book_.Seal(record);
  return {.verb = RowChange::Verb::kUpdate, .row = std::move(record)};
}

RowChange StoreKeyAdmin::Revoked(KeyRecord record) const {
  record.revoked_at = std::max<std::int64_t>(book_.NowMillis(), 1);
  return Changed(std::move(record));
}

absl::StatusOr<std::vector<KeyRecord>> StoreKeyAdmin::AllRows(KeyQuery query) const {
  std::vector<KeyRecord> records;
  query.limit = kPage;
  do {
    absl::StatusOr<KeyRows> page = book_.store().List(query);
    if (!page.ok()) return page.status();
    for (const StoredKey& row : page->rows) {
      KeyInfo info = book_.InfoOf(row.id, row.record);
      if (IsLive(info)) records.push_back(std::move(info.record));
    }
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return records;
}

absl::StatusOr<Family> StoreKeyAdmin::LoadFamily(const TenantScope& scope, std::string_view id) const {
  absl::StatusOr<KeyInfo> asked = book_.Show(scope, id);
  if (!asked.ok()) return asked.status();
  if (asked->state == KeyInfo::State::kTampered) return Tampered(*asked);
  absl::StatusOr<std::vector<KeyRecord>> live = AllRows({.family = asked->record.family});
  if (!live.ok()) return live.status();
  // Rows read after one another may be of different times; what changes them says which version it saw.
  std::erase_if(*live, [&](const KeyRecord& record) { return record.tenant != asked->record.tenant; });
  return Family{.asked = *std::move(asked), .live = *std::move(live)};
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::ChangeFamily(const TenantScope& scope, std::string_view id,
                                                    const Edit& edit) {
  absl::Status status;
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    absl::StatusOr<Family> family = LoadFamily(scope, id);
    if (!family.ok()) return family.status();
    Rows changes;
    if (absl::Status no = edit(*family, changes); !no.ok()) return no;
    status = book_.store().Apply(changes);
    if (status.ok()) return book_.Show(scope, id);
    if (!absl::IsAborted(status)) break;
  }
  return status;
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::Show(const TenantScope& scope, std::string_view id) {
  return book_.Show(scope, id);
}

absl::StatusOr<KeyPage> StoreKeyAdmin::List(const TenantScope& scope, const KeyQuery& query) {
  KeyQuery covered = query;
  if (!scope.is_operator()) {
    if (!query.tenant.empty() && !scope.Covers(query.tenant)) return KeyPage{};
    covered.tenant = scope.tenant();
  }
  absl::StatusOr<KeyRows> rows = book_.store().List(covered);
  if (!rows.ok()) return rows.status();
  KeyPage page{.next = std::move(rows->next)};
  page.keys.reserve(rows->rows.size());
  for (const StoredKey& row : rows->rows) {
    KeyInfo info = book_.InfoOf(row.id, row.record);
    if (info.record.kind == KeyKind::kBootstrap) continue;
    const bool is_forged = info.state == KeyInfo::State::kTampered;
    // A column that says whose the row is may be forged itself.
    if (is_forged ? scope.is_operator() : scope.Covers(info.record.tenant))
      page.keys.push_back(std::move(info));
  }
  return page;
}

absl::StatusOr<std::vector<KeyUse>> StoreKeyAdmin::Uses(const TenantScope& scope,
                                                        std::span<const std::string> ids) {
  constexpr std::size_t kMostIds = 1000;
  if (ids.size() > kMostIds)
    return absl::InvalidArgumentError(fmt::format("ids must be at most {}", kMostIds));
  absl::StatusOr<std::vector<KeyUse>> uses = book_.store().Uses(ids);
  if (!uses.ok() || scope.is_operator()) return uses;
  for (KeyUse& use : *uses) {
    if (!book_.Show(scope, use.id).ok()) use = {.id = use.id};
  }
  return uses;
}

absl::StatusOr<KeyPage> StoreKeyAdmin::Expiring(const TenantScope& scope, const KeyQuery& query,
                                                Nanos within) {
  absl::StatusOr<KeyPage> page = List(scope, query);
  if (!page.ok()) return page;
  const std::int64_t until =
      book_.NowMillis() + std::chrono::floor<std::chrono::milliseconds>(within).count();
  std::erase_if(page->keys, [&](const KeyInfo& info) {
    return !IsLive(info) || info.record.expires_at == 0 || info.record.expires_at > until;
  });
  return page;
}

}  // namespace mcpgate
