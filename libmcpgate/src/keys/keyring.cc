#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "keys/key_format.h"
#include "keys/key_request.h"
#include "keys/key_row.h"
#include "keys/verified_cache.h"
#include "mcpgate/key_store.h"

namespace mcpgate {
namespace {

constexpr std::size_t kRootKeyBytes = 32;
constexpr std::size_t kTagKeyBytes = 16;
constexpr int kAttempts = 16;  // at a row that others change too, or an id that is taken

KeyVerdict Refused(KeyRefusal refusal, std::string_view id = {}) {
  return {.refusal = refusal, .key_id = std::string(id)};
}

KeyInfo Tampered(std::string_view id, std::string_view problem) {
  KeyInfo info{.state = KeyInfo::State::kTampered, .problem = std::string(problem)};
  info.record.id = std::string(id);
  return info;
}

// What is not an id is not repeated: it may be a whole key, pasted by mistake.
absl::Status NoSuchKey(std::string_view id) {
  if (IsKeyId(id)) return absl::NotFoundError(fmt::format("there is no key with the id {}", id));
  return absl::NotFoundError(
      fmt::format("there is no such key: an id is the {} letters and digits between the key's second and "
                  "third underscore",
                  kKeyIdLength));
}

// Safe for concurrent use: everything but the cache, which guards itself, is constant.
class StoreKeyring : public Keyring {
 public:
  explicit StoreKeyring(KeyringOptions options)
      : store_(std::move(options.store)),
        pepper_(DeriveSecret(options.root_key, "key-pepper")),
        row_key_(DeriveSecret(options.root_key, "key-row")),
        tag_key_(RandomSecret(kTagKeyBytes)),
        brand_(std::move(options.brand)),
        clock_(*options.clock),
        cache_(options.cache_entries) {}

  absl::StatusOr<IssuedKey> Issue(const KeyRequest& request) override;
  absl::StatusOr<KeyVerdict> Verify(const Secret& token) override;
  absl::StatusOr<KeyInfo> Revoke(std::string_view id) override;
  absl::StatusOr<KeyInfo> Show(std::string_view id) override;
  absl::StatusOr<std::vector<KeyInfo>> List(std::string_view after, std::size_t limit) override;

 private:
  std::int64_t NowMillis() const {
    return std::chrono::floor<std::chrono::milliseconds>(clock_.Now()).time_since_epoch().count();
  }
  Digest HashOf(std::string_view token) const { return KeyedHash(pepper_, "key-hash", token); }
  IssuedKey MakeKey(const KeyRequest& request) const;
  absl::StatusOr<KeyVerdict> VerifyInStore(std::string_view token);
  KeyVerdict VerdictOn(std::shared_ptr<const VerifiedKey> key) const;
  KeyInfo InfoOf(std::string_view id, const absl::StatusOr<KeyRecord>& record) const;

  const std::shared_ptr<KeyStore> store_;
  const Secret pepper_;
  const Secret row_key_;
  const Secret tag_key_;  // of what is remembered here; never stored
  const std::string brand_;
  const Clock& clock_;
  const KeyRecord nobody_;  // worked on in place of the row that an unknown id has not
  VerifiedCache cache_;
};

IssuedKey StoreKeyring::MakeKey(const KeyRequest& request) const {
  IssuedKey issued;
  KeyRecord& record = issued.record;
  record.id = NewKeyId();
  record.family = record.id;
  record.tenant = request.tenant;
  record.name = request.name;
  record.grants = request.grants;
  record.created_at = NowMillis();
  if (request.lifetime) {
    record.expires_at =
        record.created_at + std::chrono::floor<std::chrono::milliseconds>(*request.lifetime).count();
  }
  issued.token = MakeToken(brand_, record.id);
  record.hash = HashOf(RevealSecret(issued.token));
  record.mac = RowMac(row_key_, record);
  return issued;
}

absl::StatusOr<IssuedKey> StoreKeyring::Issue(const KeyRequest& request) {
  if (absl::Status status = ValidateKeyRequest(request); !status.ok()) return status;
  absl::Status status = absl::InternalError("no key was made");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    IssuedKey issued = MakeKey(request);
    status = store_->Insert(issued.record);
    if (status.ok()) return issued;
    if (!absl::IsAlreadyExists(status)) break;
  }
  return status;
}

absl::StatusOr<KeyVerdict> StoreKeyring::Verify(const Secret& token) {
  const std::string_view text = RevealSecret(token);
  if (text.empty()) return Refused(KeyRefusal::kMissing);
  const std::optional<std::string_view> claimed = ClaimedId(brand_, text);
  if (!claimed) return Refused(KeyRefusal::kMalformed);
  cache_.PrefetchSlot(*claimed);  // memory is slower than the tag, so it is asked before
  const std::uint64_t revision = store_->Revision();
  const ShortTag tag = ShortTagOf(tag_key_, text);
  // Only a token that was whole and right before takes the short way. A wrong one goes to the store as an
  // unknown id does, so that time does not tell one from the other.
  std::shared_ptr<const VerifiedKey> known = cache_.Find(*claimed, revision);
  if (known != nullptr && ConstantTimeEqual(known->tag, tag)) return VerdictOn(std::move(known));
  return VerifyInStore(text);
}

absl::StatusOr<KeyVerdict> StoreKeyring::VerifyInStore(std::string_view token) {
  const std::optional<std::string_view> parsed = ParseToken(brand_, token);
  if (!parsed) return Refused(KeyRefusal::kMalformed);
  const std::string_view id = *parsed;
  const Digest hash = HashOf(token);
  const std::uint64_t revision = store_->Revision();
  absl::StatusOr<std::optional<KeyRecord>> row = store_->Find(id);
  if (!row.ok() && !absl::IsDataLoss(row.status())) return row.status();
  const bool found = row.ok() && row->has_value();
  const KeyRecord& record = found ? **row : nobody_;
  const bool authentic = IsAuthentic(row_key_, record) && record.id == id;
  const bool matches = ConstantTimeEqual(record.hash, hash);
  if (row.ok() && !found) return Refused(KeyRefusal::kUnknown, id);
  if (!authentic) return Refused(KeyRefusal::kTampered, id);
  if (!matches) return Refused(KeyRefusal::kMismatch, id);
  auto key = std::make_shared<const VerifiedKey>(VerifiedKey{.tag = ShortTagOf(tag_key_, token),
                                                             .not_before = record.not_before,
                                                             .expires_at = record.expires_at,
                                                             .revoked_at = record.revoked_at,
                                                             .principal = {.key_id = record.id,
                                                                           .family = record.family,
                                                                           .tenant = record.tenant,
                                                                           .name = record.name,
                                                                           .grants = record.grants}});
  cache_.Put(key, revision);
  return VerdictOn(std::move(key));
}

KeyVerdict StoreKeyring::VerdictOn(std::shared_ptr<const VerifiedKey> key) const {
  const std::string& id = key->principal.key_id;
  if (key->revoked_at != 0) return Refused(KeyRefusal::kRevoked, id);
  if (key->not_before != 0 && NowMillis() < key->not_before) return Refused(KeyRefusal::kNotYet, id);
  if (key->expires_at != 0 && NowMillis() >= key->expires_at) return Refused(KeyRefusal::kExpired, id);
  KeyVerdict verdict{.key_id = id};
  const Principal* principal = &key->principal;
  verdict.principal = std::shared_ptr<const Principal>(std::move(key), principal);
  return verdict;
}

KeyInfo StoreKeyring::InfoOf(std::string_view id, const absl::StatusOr<KeyRecord>& record) const {
  if (!record.ok()) return Tampered(id, std::string(record.status().message()));
  if (record->id != id || !IsAuthentic(row_key_, *record)) {
    return Tampered(id, "the row was changed by something that does not hold the root key");
  }
  KeyInfo info{.record = *record};
  if (record->revoked_at != 0) {
    info.state = KeyInfo::State::kRevoked;
  } else if (record->expires_at != 0 && NowMillis() >= record->expires_at) {
    info.state = KeyInfo::State::kExpired;
  }
  return info;
}

absl::StatusOr<KeyInfo> StoreKeyring::Show(std::string_view id) {
  absl::StatusOr<std::optional<KeyRecord>> row = store_->Find(id);
  if (absl::IsDataLoss(row.status())) return InfoOf(id, row.status());
  if (!row.ok()) return row.status();
  if (!row->has_value()) return NoSuchKey(id);
  return InfoOf(id, **row);
}

absl::StatusOr<KeyInfo> StoreKeyring::Revoke(std::string_view id) {
  absl::Status status = absl::InternalError("the key was not revoked");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    absl::StatusOr<KeyInfo> info = Show(id);
    if (!info.ok() || info->state == KeyInfo::State::kRevoked) return info;
    if (info->state == KeyInfo::State::kTampered) {
      return absl::DataLossError(
          fmt::format("key {} is tampered with and refused already: {}", info->record.id, info->problem));
    }
    info->record.revoked_at = std::max<std::int64_t>(NowMillis(), 1);
    ++info->record.version;
    info->record.mac = RowMac(row_key_, info->record);
    info->state = KeyInfo::State::kRevoked;
    status = store_->Update(info->record);
    if (status.ok()) return info;
    if (!absl::IsAborted(status)) break;
  }
  return status;
}

absl::StatusOr<std::vector<KeyInfo>> StoreKeyring::List(std::string_view after, std::size_t limit) {
  absl::StatusOr<std::vector<StoredKey>> rows = store_->List(after, limit);
  if (!rows.ok()) return rows.status();
  std::vector<KeyInfo> keys;
  keys.reserve(rows->size());
  for (const StoredKey& row : *rows) keys.push_back(InfoOf(row.id, row.record));
  return keys;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Keyring>> Keyring::New(KeyringOptions options) {
  if (options.store == nullptr) return absl::InvalidArgumentError("keyring: store is missing");
  if (options.clock == nullptr) return absl::InvalidArgumentError("keyring: clock is missing");
  if (options.root_key.size() != kRootKeyBytes) {
    return absl::InvalidArgumentError(fmt::format("keyring: root_key must be {} random bytes, not {}",
                                                  kRootKeyBytes, options.root_key.size()));
  }
  if (!IsBrand(options.brand)) {
    return absl::InvalidArgumentError("keyring: brand must be 2 to 16 of a-z and 0-9");
  }
  return std::make_unique<StoreKeyring>(std::move(options));
}

}  // namespace mcpgate
