// File: vault.h
//
// Secrets that tenants lend: a bot token, which must be shown to somebody else in clear and so cannot be kept
// as a hash. Each is sealed under a key of its own (XChaCha20-Poly1305), each of these under the vault's
// root, and the root under whatever opens the vault: a key, or a passphrase by argon2id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/secret.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate {

// ---- what a store keeps ----

/// One way to open the vault. All but the salt and the prices is opaque.
struct VaultSlot {
  std::string id{};       ///< 12 base64url characters
  std::int64_t root = 0;  ///< which root it holds; a rekey counts up
  bool is_passphrase = false;
  std::string salt{};       ///< 16 bytes, of a passphrase
  std::int64_t passes = 0;  ///< argon2id, of a passphrase
  std::int64_t memory = 0;  ///< argon2id, bytes
  std::string wrapped{};    ///< the root
};

/// One secret. Everything but `wrapped` is authenticated by `sealed`, so that no field can be changed, and no
/// row put in another's place.
struct VaultRow {
  std::string tenant{}, name{}, purpose{}, note{};
  std::int64_t version = 0;     ///< from 1; one more with every new text
  std::int64_t changed_at = 0;  ///< milliseconds since 1970
  std::int64_t root = 0;        ///< the root that `wrapped` is under
  std::string wrapped{};        ///< the secret's own key
  std::string sealed{};
};

/// Where a listing goes on: behind this row. Empty: at the beginning.
struct VaultPlace {
  std::string tenant{}, name{};
};

/// VaultStore
///
/// Dumb rows, in order of tenant and name; what they mean, the vault knows. Each call is one transaction.
/// Safe for concurrent use. Unavailable: the store does not answer.
class MCPGATE_EXPORT VaultStore {
 public:
  virtual ~VaultStore() = default;
  virtual absl::StatusOr<std::vector<VaultSlot>> Slots() = 0;
  /// Adds slots and removes others, all or nothing. Aborted when one of `expected` is not there any more, or
  /// one that is there is not of them: somebody else was first.
  virtual absl::Status ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                                   std::span<const std::string> removed) = 0;
  virtual absl::StatusOr<std::optional<VaultRow>> Find(std::string_view tenant, std::string_view name) = 0;
  /// At most `most` rows behind `place`; of one tenant when it is given.
  virtual absl::StatusOr<std::vector<VaultRow>> List(std::optional<std::string_view> tenant,
                                                     const VaultPlace& place, std::size_t most) = 0;
  /// In place of version `row.version - 1`, 0: none. Aborted when another version is there, or a slot holds a
  /// newer root than the row's. ResourceExhausted at kMaxSecrets.
  virtual absl::Status Put(const VaultRow& row) = 0;
  /// Gives these rows their `root` and `wrapped`, as far as they are still of that version and under an older
  /// root.
  virtual absl::Status Rewrap(std::span<const VaultRow> rows) = 0;
  virtual absl::Status Remove(std::string_view tenant, std::string_view name) = 0;  ///< or NotFound
};

/// What every store holds at most.
inline constexpr std::size_t kMaxSecrets = 100'000, kMaxVaultSlots = 8;

/// In this process's memory.
MCPGATE_EXPORT std::unique_ptr<VaultStore> NewMemoryVaultStore();

// ---- the vault ----

/// What opens a vault.
struct VaultUnlock {
  bool is_passphrase = false;
  Secret secret{};  ///< a key of 32 bytes, or a passphrase of 12 bytes at least
};

/// What a guess at a passphrase costs (argon2id); both are written beside the slot. What libsodium calls
/// moderate: about half a second.
struct PassphraseCost {
  std::int64_t passes = 3;
  std::int64_t memory = 256 << 20;  ///< bytes, at most 1 GiB
};

/// What may be told of a secret.
struct SecretInfo {
  std::string tenant{};
  std::string name{};        ///< a-z, digits, '.', '-' and '_', 1 to 64
  std::string purpose{};     ///< what it is, the same
  std::string note{};        ///< one line for people, at most 200 bytes
  std::int64_t version = 0;  ///< from 1
  WallTime changed_at{};
  bool is_readable = true;  ///< false: it was damaged or changed, and must be set anew
};

struct SecretPage {
  std::vector<SecretInfo> secrets{};
  std::optional<VaultPlace> next{};  ///< where the next page begins, when there is one
};

/// A slot as it may be told.
struct VaultSlotInfo {
  std::string id{};
  bool is_passphrase = false;
};

struct VaultOptions {
  std::shared_ptr<VaultStore> store{};
  VaultUnlock unlock{};
  PassphraseCost cost{};  ///< of slots that are made; those that are there say what theirs is
  /// Hears of each secret before it is read, and may refuse: for the audit trail. Empty: nobody does.
  std::function<absl::Status(const SecretInfo&)> on_use{};
  const Clock* clock = &Clock::System();
};

/// Vault
///
/// Texts go in, and come out only to a function that uses one. What is told of errors never has a secret in
/// it. An older copy of a whole row, put back by who may write the store, cannot be told from the row as it
/// was. Safe for concurrent use, also of several vaults on one store.
class MCPGATE_EXPORT Vault {
 public:
  /// Makes the root when the store has no slots yet. PermissionDenied: no slot opens with this, or it was
  /// changed. InvalidArgument: the key or the passphrase is too short.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(VaultOptions options);
  virtual ~Vault() = default;

  /// A new secret, or the next version of one. `text`: 1 to 4,096 bytes. NotFound: not the scope's tenant.
  virtual absl::StatusOr<SecretInfo> Put(const TenantScope& scope, std::string_view tenant,
                                         std::string_view name, std::string_view purpose,
                                         std::string_view note, const Secret& text) = 0;
  virtual absl::StatusOr<SecretInfo> Show(const TenantScope& scope, std::string_view tenant,
                                          std::string_view name) = 0;
  /// In order of tenant and name; `most` 1 to 500. Secrets that cannot be read are listed too.
  virtual absl::StatusOr<SecretPage> List(const TenantScope& scope, const VaultPlace& after,
                                          std::size_t most) = 0;
  virtual absl::Status Remove(const TenantScope& scope, std::string_view tenant, std::string_view name) = 0;
  /// Shows the text to `use`, whose answer it gives; nothing of it may be kept. NotFound: there is none of
  /// that purpose. DataLoss: it was changed. What `on_use` refuses is refused.
  virtual absl::Status Use(const TenantScope& scope, std::string_view tenant, std::string_view name,
                           std::string_view purpose, absl::FunctionRef<absl::Status(const Secret&)> use) = 0;

  virtual absl::StatusOr<std::vector<VaultSlotInfo>> Slots() = 0;
  /// One more way to open it. ResourceExhausted at kMaxVaultSlots. FailedPrecondition, here and below, while
  /// a rekey is under way or was interrupted.
  virtual absl::StatusOr<VaultSlotInfo> AddSlot(const VaultUnlock& unlock) = 0;
  /// FailedPrecondition for the last one.
  virtual absl::Status RemoveSlot(std::string_view id) = 0;
  /// A new root, and every secret's key under it; the texts stay as they are. Takes what opens each slot, in
  /// any order: FailedPrecondition names a slot that none of them opens. Goes on where one that was
  /// interrupted ended, and can be run while others use the vault. Answers how many secrets it moved.
  virtual absl::StatusOr<std::size_t> Rekey(std::span<const VaultUnlock> unlocks) = 0;
};

}  // namespace mcpgate
