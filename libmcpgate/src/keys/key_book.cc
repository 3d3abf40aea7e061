#include "keys/key_book.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "keys/base62.h"
#include "keys/key_format.h"
#include "keys/key_row.h"

namespace mcpgate {
namespace {

constexpr char kForged[] = "the row was changed by something that does not hold the root key";

KeyInfo Tampered(std::string_view id, std::string_view problem) {
  KeyInfo info{.state = KeyInfo::State::kTampered, .problem = std::string(problem)};
  info.record.id = std::string(id);
  return info;
}

bool HasPassed(std::int64_t moment, std::int64_t now) { return moment != 0 && now >= moment; }

}  // namespace

absl::Status NoSuchKey(std::string_view id) {
  if (IsKeyId(id)) return absl::NotFoundError(fmt::format("there is no key with the id {}", id));
  return absl::NotFoundError(
      fmt::format("there is no such key: an id is the {} letters and digits between the key's second and "
                  "third underscore",
                  kKeyIdLength));
}

KeyBook::KeyBook(KeyringOptions options)
    : store_(std::move(options.store)),
      pepper_(DeriveSecret(options.root_key, "key-pepper")),
      row_key_(DeriveSecret(options.root_key, "key-row")),
      brand_(std::move(options.brand)),
      on_replaced_(std::move(options.on_replaced)),
      clock_(*options.clock) {}

std::int64_t KeyBook::NowMillis() const {
  return std::chrono::floor<std::chrono::milliseconds>(clock_.Now()).time_since_epoch().count();
}

void KeyBook::Seal(KeyRecord& record) const { record.mac = RowMac(row_key_, record); }
void KeyBook::Seal(PersonRecord& record) const { record.mac = RowMac(row_key_, record); }

RowChange KeyBook::Touched(PersonRecord record) const {
  ++record.version;
  Seal(record);
  return {.verb = RowChange::Verb::kUpdate, .row = std::move(record)};
}

std::string KeyBook::IdFrom(std::string_view personal, std::string_view text) const {
  constexpr std::size_t kBytes = 8;  // fit into the digits of an id
  std::string id;
  AppendBase62(id, AsView(KeyedHash(row_key_, personal, text)).substr(0, kBytes), kKeyIdLength);
  return id;
}

KeyInfo KeyBook::InfoOf(std::string_view id, const absl::StatusOr<KeyRecord>& record) const {
  using State = KeyInfo::State;
  if (!record.ok()) return Tampered(id, std::string(record.status().message()));
  if (record->id != id || !IsAuthentic(row_key_, *record)) return Tampered(id, kForged);
  KeyInfo info{.record = *record};
  const std::int64_t now = NowMillis();
  if (record->revoked_at != 0) {
    info.state = State::kRevoked;
  } else if (HasPassed(record->expires_at, now) || HasPassed(record->retires_at, now)) {
    info.state = State::kExpired;
  } else if (record->disabled_at != 0) {
    info.state = State::kDisabled;
  }
  return info;
}

absl::StatusOr<KeyInfo> KeyBook::Show(const TenantScope& scope, std::string_view id) const {
  absl::StatusOr<std::optional<KeyRecord>> row = store_->Find(id);
  if (!row.ok() && !absl::IsDataLoss(row.status())) return row.status();
  if (row.ok() && !row->has_value()) return NoSuchKey(id);
  KeyInfo info = row.ok() ? InfoOf(id, **row) : InfoOf(id, row.status());
  if (info.record.kind == KeyKind::kBootstrap) return NoSuchKey(id);
  // Whose a forged row is, nobody knows; it is shown to the operator alone.
  const bool is_forged = info.state == KeyInfo::State::kTampered;
  if (is_forged ? scope.is_operator() : scope.Covers(info.record.tenant)) return info;
  return NoSuchKey(id);
}

absl::StatusOr<PersonRecord> KeyBook::FindPerson(PersonKind kind, std::string_view tenant,
                                                 std::string_view id) const {
  absl::StatusOr<std::optional<PersonRecord>> row = store_->FindPerson(kind, tenant, id);
  if (!row.ok()) return row.status();
  if (!row->has_value())
    return absl::NotFoundError(fmt::format("there is no {} {}", PersonKindName(kind), id));
  PersonRecord& record = **row;
  if (record.kind == kind && record.tenant == tenant && record.id == id && IsAuthentic(row_key_, record))
    return std::move(record);
  return absl::DataLossError(fmt::format("{} {}: {}", PersonKindName(kind), id, kForged));
}

}  // namespace mcpgate
