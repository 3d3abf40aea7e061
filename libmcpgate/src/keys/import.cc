// Keys of older stores, taken over by their text or by its hash.
#include <algorithm>
#include <utility>

#include "base/merkle.h"
#include "keys/store_key_admin.h"
#include "keys/token_strength.h"

namespace mcpgate {
namespace {

constexpr std::size_t kShortest = 16;

absl::StatusOr<Digest> DigestOf(const ImportedKey& key) {
  if (key.token.empty() == key.sha256_hex.empty())
    return absl::InvalidArgumentError("give either the token or its SHA-256");
  if (key.sha256_hex.empty()) {
    if (!IsStrongToken(RevealSecret(key.token), kShortest))
      return absl::InvalidArgumentError(
          "token must be 16 to 512 visible ASCII characters that nobody could guess");
    return Sha256(RevealSecret(key.token));
  }
  Digest digest{};
  if (!HexDecode(key.sha256_hex, digest))
    return absl::InvalidArgumentError("sha256_hex must be 64 hexadecimal digits");
  return digest;
}

}  // namespace

absl::StatusOr<KeyInfo> StoreKeyAdmin::Import(const TenantScope& scope, const ImportedKey& key) {
  absl::StatusOr<KeyRecord> record = Draft(scope, key.request);
  if (!record.ok()) return record.status();
  if (!record->principal.empty()) {
    const auto holder = book_.FindPerson(PersonKind::kPrincipal, record->tenant, record->principal);
    if (!holder.ok()) return holder.status();
  }
  const absl::StatusOr<Digest> digest = DigestOf(key);
  if (!digest.ok()) return digest.status();
  record->id = book_.ImportedId(*digest);
  record->family = record->id;
  record->hash = book_.HashOfImported(*digest);
  record->imported_at = std::max<std::int64_t>(record->created_at, 1);
  book_.Seal(*record);
  const RowChange insert{.row = *record};
  if (absl::Status status = book_.store().Apply({&insert, 1}); !status.ok()) return status;
  return book_.Show(scope, record->id);
}

}  // namespace mcpgate
