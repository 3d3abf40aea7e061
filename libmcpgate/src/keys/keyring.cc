#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/crypto.h"
#include "base/merkle.h"
#include "keys/key_book.h"
#include "keys/key_format.h"
#include "keys/key_row.h"
#include "keys/network.h"
#include "keys/people.h"
#include "keys/standing.h"
#include "keys/static_keys.h"
#include "keys/store_key_admin.h"
#include "keys/use_counter.h"
#include "keys/verified_cache.h"
#include "mcpgate/key_store.h"

namespace mcpgate {
namespace {

constexpr std::size_t kRootKeyBytes = 32;
constexpr std::size_t kTagKeyBytes = 16;

KeyVerdict Refused(KeyRefusal refusal, std::string_view id = {}) {
  return {.refusal = refusal, .key_id = std::string(id)};
}

bool IsFrom(const std::vector<Network>& networks, std::string_view address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return Contains(network, address); });
}

// Safe for concurrent use: its parts guard themselves, all else is constant.
class StoreKeyring : public Keyring {
 public:
  explicit StoreKeyring(KeyringOptions options)
      : tag_key_(RandomSecret(kTagKeyBytes)),
        cache_(options.cache_entries),
        book_(std::move(options)),
        people_(NewPeople(book_)) {}

  absl::StatusOr<KeyVerdict> Verify(const Secret& token, std::string_view address) override;
  absl::StatusOr<KeyVerdict> Assess(std::string_view id) override;
  absl::StatusOr<std::vector<std::string>> UseStaticKeys(const std::vector<StaticKey>& keys) override {
    return static_keys_.Replace(book_, keys);
  }
  absl::Status FlushUses() override { return uses_.Flush(); }
  KeyAdmin& admin() override { return admin_; }
  People& people() override { return *people_; }

 private:
  absl::StatusOr<KeyVerdict> VerifyInStore(std::string_view token, std::string_view address);
  absl::StatusOr<KeyVerdict> VerifyForeign(std::string_view token, std::string_view address);
  absl::StatusOr<bool> HasImported(std::uint64_t revision);
  absl::StatusOr<KeyVerdict> Judge(const KeyRecord& record, const ShortTag& tag, std::uint64_t revision,
                                   std::string_view address);
  absl::StatusOr<std::shared_ptr<const VerifiedKey>> Load(const KeyRecord& record, const ShortTag& tag,
                                                          std::uint64_t revision);
  KeyRefusal RefusalNow(const VerifiedKey& key) const;
  KeyVerdict VerdictOn(std::shared_ptr<const VerifiedKey> key, std::string_view address);

  const Secret tag_key_;  // of what is remembered here; never stored
  VerifiedCache cache_;
  const KeyBook book_;
  const KeyRecord nobody_;  // worked on in place of the row that an unknown id has not
  Standings standings_{book_};
  StaticKeys static_keys_;
  std::atomic<std::uint64_t> imported_{1u << 1};  // a revision and, lowest, whether there were imported keys
  StoreKeyAdmin admin_{book_};
  const std::unique_ptr<People> people_;
  UseCounter uses_{book_};  // last: it writes once more at the end
};

absl::StatusOr<KeyVerdict> StoreKeyring::Verify(const Secret& token, std::string_view address) {
  const std::string_view text = RevealSecret(token);
  if (text.empty()) return Refused(KeyRefusal::kMissing);
  const std::optional<std::string_view> claimed = ClaimedId(book_.brand(), text);
  if (!claimed) return VerifyForeign(text, address);
  cache_.PrefetchSlot(*claimed);  // memory is slower than the tag, so it is asked before
  const std::uint64_t revision = book_.store().Revision();
  const ShortTag tag = ShortTagOf(tag_key_, text);
  // Only a token that was whole and right before takes the short way. A wrong one goes to the store as an
  // unknown id does, so that time does not tell one from the other.
  std::shared_ptr<const VerifiedKey> known = cache_.Find(*claimed, revision);
  if (known != nullptr && ConstantTimeEqual(known->tag, tag)) return VerdictOn(std::move(known), address);
  return VerifyInStore(text, address);
}

absl::StatusOr<KeyVerdict> StoreKeyring::VerifyInStore(std::string_view token, std::string_view address) {
  const std::optional<std::string_view> parsed = ParseToken(book_.brand(), token);
  if (!parsed) return VerifyForeign(token, address);
  const std::string_view id = *parsed;
  const Digest hash = book_.HashOf(token);
  const std::uint64_t revision = book_.store().Revision();
  absl::StatusOr<std::optional<KeyRecord>> row = book_.store().Find(id);
  if (!row.ok() && !absl::IsDataLoss(row.status())) return row.status();
  const bool found = row.ok() && row->has_value();
  const KeyRecord& record = found ? **row : nobody_;
  const bool authentic = IsAuthentic(book_.row_key(), record) && record.id == id;
  const bool matches = ConstantTimeEqual(record.hash, hash);
  if (row.ok() && !found) return Refused(KeyRefusal::kUnknown, id);
  if (!authentic) return Refused(KeyRefusal::kTampered, id);
  if (!matches) return Refused(KeyRefusal::kMismatch, id);
  if (record.kind == KeyKind::kBootstrap) return Refused(KeyRefusal::kUnknown, id);  // calls nothing
  return Judge(record, ShortTagOf(tag_key_, token), revision, address);
}

absl::StatusOr<KeyVerdict> StoreKeyring::Judge(const KeyRecord& record, const ShortTag& tag,
                                               std::uint64_t revision, std::string_view address) {
  absl::StatusOr<std::shared_ptr<const VerifiedKey>> key = Load(record, tag, revision);
  if (absl::IsDataLoss(key.status())) return Refused(KeyRefusal::kTampered, record.id);
  if (!key.ok()) return key.status();
  cache_.Put(*key, revision);
  return VerdictOn(*std::move(key), address);
}

absl::StatusOr<std::shared_ptr<const VerifiedKey>> StoreKeyring::Load(const KeyRecord& record,
                                                                      const ShortTag& tag,
                                                                      std::uint64_t revision) {
  absl::StatusOr<Standing> standing = standings_.Of(record, revision);
  if (!standing.ok()) return standing.status();
  auto key = std::make_shared<VerifiedKey>();
  key->tag = tag;
  key->not_before = record.not_before;
  key->expires_at = standing->expires_at;
  key->refusal = standing->refusal;
  key->principal = {.key_id = record.id,
                    .family = record.family,
                    .tenant = record.tenant,
                    .name = record.name,
                    .grants = record.grants,
                    .principal = record.principal,
                    .team = std::move(standing->team),
                    .ceiling = std::move(standing->ceiling)};
  if (record.networks.empty()) return key;
  auto networks = std::make_unique<std::vector<Network>>();
  for (const std::string& text : record.networks) {
    const std::optional<Network> network = ParseNetwork(text);
    if (!network) return absl::DataLossError("a network that is none");
    networks->push_back(*network);
  }
  key->networks = std::move(networks);
  return key;
}

// Whether there are keys taken over from other stores, whose text does not say whether it is one.
absl::StatusOr<bool> StoreKeyring::HasImported(std::uint64_t revision) {
  const std::uint64_t asked = imported_.load(std::memory_order_relaxed);
  if (asked >> 1 == revision) return (asked & 1) != 0;
  const absl::StatusOr<KeyRows> rows = book_.store().List({.imported = true, .limit = 1});
  if (!rows.ok()) return rows.status();
  const bool has = !rows->rows.empty();
  if (revision % 2 == 0) imported_.store(revision << 1 | (has ? 1 : 0), std::memory_order_relaxed);
  return has;
}

// A token that is none of ours by its form: a static one, or one of an older store.
absl::StatusOr<KeyVerdict> StoreKeyring::VerifyForeign(std::string_view token, std::string_view address) {
  if (auto key = static_keys_.Find(book_, token)) return VerdictOn(std::move(key), address);
  const std::uint64_t revision = book_.store().Revision();
  const absl::StatusOr<bool> has_imported = HasImported(revision);
  if (!has_imported.ok()) return has_imported.status();
  if (!*has_imported) return Refused(KeyRefusal::kMalformed);
  const Digest sha256 = Sha256(token);
  const std::string id = book_.ImportedId(sha256);
  const ShortTag tag = ShortTagOf(tag_key_, token);
  std::shared_ptr<const VerifiedKey> known = cache_.Find(id, revision);
  if (known != nullptr && ConstantTimeEqual(known->tag, tag)) return VerdictOn(std::move(known), address);
  absl::StatusOr<std::optional<KeyRecord>> row = book_.store().Find(id);
  if (!row.ok() && !absl::IsDataLoss(row.status())) return row.status();
  // Its id is made of the token, so that an unknown one stands for nothing.
  if (row.ok() && !row->has_value()) return Refused(KeyRefusal::kMalformed);
  if (!row.ok() || !IsAuthentic(book_.row_key(), **row) || (*row)->id != id || (*row)->imported_at == 0 ||
      !ConstantTimeEqual((*row)->hash, book_.HashOfImported(sha256))) {
    return Refused(KeyRefusal::kTampered, id);
  }
  return Judge(**row, tag, revision, address);
}

KeyRefusal StoreKeyring::RefusalNow(const VerifiedKey& key) const {
  if (key.refusal != KeyRefusal::kNone) return key.refusal;
  if (key.not_before != 0 && book_.NowMillis() < key.not_before) return KeyRefusal::kNotYet;
  if (key.expires_at != 0 && book_.NowMillis() >= key.expires_at) return KeyRefusal::kExpired;
  return KeyRefusal::kNone;
}

absl::StatusOr<KeyVerdict> StoreKeyring::Assess(std::string_view id) {
  const std::uint64_t revision = book_.store().Revision();
  const absl::StatusOr<std::optional<KeyRecord>> row = book_.store().Find(id);
  if (!row.ok() && !absl::IsDataLoss(row.status())) return row.status();
  if (row.ok() && (!row->has_value() || (*row)->kind == KeyKind::kBootstrap))
    return Refused(KeyRefusal::kUnknown, std::string(id));
  if (!row.ok() || !IsAuthentic(book_.row_key(), **row) || (*row)->id != id)
    return Refused(KeyRefusal::kTampered, std::string(id));
  absl::StatusOr<std::shared_ptr<const VerifiedKey>> key = Load(**row, ShortTag{}, revision);
  if (absl::IsDataLoss(key.status())) return Refused(KeyRefusal::kTampered, std::string(id));
  if (!key.ok()) return key.status();
  KeyVerdict verdict{.refusal = RefusalNow(**key), .key_id = (*key)->principal.key_id};
  const Principal* principal = &(*key)->principal;
  verdict.principal = std::shared_ptr<const Principal>(*std::move(key), principal);
  return verdict;
}

KeyVerdict StoreKeyring::VerdictOn(std::shared_ptr<const VerifiedKey> key, std::string_view address) {
  const std::string& id = key->principal.key_id;
  if (const KeyRefusal refusal = RefusalNow(*key); refusal != KeyRefusal::kNone) return Refused(refusal, id);
  if (key->networks != nullptr && !IsFrom(*key->networks, address)) return Refused(KeyRefusal::kNetwork, id);
  uses_.Note(key);
  KeyVerdict verdict{.key_id = id};
  const Principal* principal = &key->principal;
  verdict.principal = std::shared_ptr<const Principal>(std::move(key), principal);
  return verdict;
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
