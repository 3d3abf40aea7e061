// File: key_store.h
//
// API keys. A KeyStore holds records and knows no crypto; the Keyring verifies keys, its KeyAdmin makes and
// ends them, and all crypto of keys is behind these.
//
//   auto ring = Keyring::New({.store = store, .root_key = root});
//   auto issued = (*ring)->admin().Issue(TenantScope::Operator(),
//                                        {.name = "laptop", .grants = {.role = Role::kWriter}});
//   // hand RevealSecret(issued->token) to its owner; it is never shown again
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/key_record.h"
#include "mcpgate/principal.h"
#include "mcpgate/secret.h"

namespace mcpgate {

class KeyAdmin;  // mcpgate/key_admin.h
class People;    // mcpgate/people.h

/// KeyStore
///
/// Dumb records. A change is durable, and `Revision()` has changed in every process that shares the store,
/// before the call that made it returns. Safe for concurrent use.
class MCPGATE_EXPORT KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// nullopt: no such key. DataLoss: the row is there but unreadable. Unavailable: the store did not answer.
  virtual absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) = 0;
  virtual absl::StatusOr<KeyRows> List(const KeyQuery& query) = 0;
  /// As `Find`.
  virtual absl::StatusOr<std::optional<PersonRecord>> FindPerson(PersonKind kind, std::string_view tenant,
                                                                 std::string_view id) = 0;
  virtual absl::StatusOr<PersonRows> ListPeople(const PersonQuery& query) = 0;
  /// All of them in one transaction, or none. The errors are those of RowChange.
  virtual absl::Status Apply(std::span<const RowChange> changes) = 0;
  /// Changes whenever any row may have changed. Cheap: read at every verification. An odd value says that a
  /// change is under way and nothing remembered may be used.
  virtual std::uint64_t Revision() = 0;

  /// Adds `uses`, and takes the later `last_used_at`, of each id. Does not move the revision.
  virtual absl::Status NoteUses(std::span<const KeyUse> uses) = 0;
  /// In order of `ids`; of a key never used, or unknown, only the id is set.
  virtual absl::StatusOr<std::vector<KeyUse>> Uses(std::span<const std::string> ids) = 0;

  /// Keys whose `EndOf` is `by` or before, the earliest first; goes on after what `KeyRows::next` said.
  virtual absl::StatusOr<KeyRows> ListEnded(std::int64_t by, std::string_view after, std::size_t limit) = 0;
  /// Erases rows, with what is known of their use, as one `Apply` would; but their ids stay taken for good.
  /// Does not move the revision: only what is refused already is forgotten.
  virtual absl::Status Forget(std::span<const KeyRecord> rows) = 0;
  /// Whether anything was ever forgotten: then a store without keys is not a new one.
  virtual absl::StatusOr<bool> HasForgotten() = 0;

  /// `Apply` of one change.
  absl::Status Insert(KeyRecord record);
  absl::Status Update(KeyRecord record);
};

/// Keys in memory, for tests and for embedding without a database. Lost when it dies.
MCPGATE_EXPORT std::unique_ptr<KeyStore> NewMemoryKeyStore();

/// Why a key was refused; for the audit trail, never for the caller.
enum class KeyRefusal : std::uint8_t {
  kNone,
  kMissing,
  kMalformed,
  kUnknown,
  kMismatch,
  kNotYet,
  kExpired,
  kRevoked,
  kTampered,
  kDisabled,  ///< the key itself
  kNetwork,   ///< shown from an address outside its networks
  kTenantDisabled,
  kTeamDisabled,
  kPrincipalDisabled,  ///< or there is no such principal any more
  kParentEnded         ///< a session's, and the session with it
};
MCPGATE_EXPORT std::string_view KeyRefusalName(KeyRefusal refusal);

/// The answer of `Verify`: a principal, or a reason; of `Assess` a reason beside the principal. `key_id` is
/// the id the token claims, when it has the form of one.
struct KeyVerdict {
  std::shared_ptr<const Principal> principal{};
  KeyRefusal refusal = KeyRefusal::kNone;
  std::string key_id{};
};

/// A key that lives in no store: in the environment of the program, say.
struct StaticKey {
  Secret token{};  ///< 22 to 512 visible ASCII characters
  std::string name = "static";
  std::string tenant = "default";
  Grants grants{};
};

/// Families that a principal's issue policy revoked for a new key of theirs.
struct ReplacedKeys {
  std::string_view tenant, principal;
  std::string_view by;  ///< the new one
  const std::vector<std::string>& families;
};

struct KeyringOptions {
  std::shared_ptr<KeyStore> store{};
  Secret root_key{};           ///< 32 bytes; pepper and row key are derived from it
  std::string brand = "mcpg";  ///< 2 to 16 of [a-z0-9]; the first part of every key
  std::size_t cache_entries = 1u << 20;
  /// Called once they are revoked, on the thread that asked for the new key; their owner should be told. May
  /// be empty.
  std::function<void(const ReplacedKeys&)> on_replaced{};
  const Clock* clock = &Clock::System();
};

/// Keyring
///
/// Format `<brand>_<kind>_<id:12>_<secret:33><crc:6>` in base62, kind `k` for keys; the secret has 192 random
/// bits, the CRC-32 covers all before it. Safe for concurrent use.
class MCPGATE_EXPORT Keyring {
 public:
  /// InvalidArgument when the root key is not 32 bytes or the brand is malformed.
  static absl::StatusOr<std::unique_ptr<Keyring>> New(KeyringOptions options);
  virtual ~Keyring() = default;

  /// Decides by the store as it is now: a key revoked before this call began is refused. Takes the same time
  /// for an unknown id as for a wrong secret. An error Status means that the store did not answer, not that
  /// the key is bad. `address` is the caller's, as text ("203.0.113.7"), for keys that are bound to networks;
  /// they are refused where there is none.
  virtual absl::StatusOr<KeyVerdict> Verify(const Secret& token, std::string_view address = {}) = 0;
  /// What `Verify` would say of a token of the key `id`, from wherever it may be used: for telling why, never
  /// for letting anybody in. kUnknown for an id that is none of the store's.
  virtual absl::StatusOr<KeyVerdict> Assess(std::string_view id) = 0;
  /// From now on these are accepted beside the keys of the store, and no other static ones. Answers their
  /// ids, which are the same after every start. InvalidArgument, and nothing changes, when one is weak or
  /// repeated.
  virtual absl::StatusOr<std::vector<std::string>> UseStaticKeys(const std::vector<StaticKey>& keys) = 0;
  /// Writes down now when keys were used; happens by itself every 30 seconds and at the end.
  virtual absl::Status FlushUses() = 0;
  /// Makes, shows and ends keys. Lives as long as the keyring.
  virtual KeyAdmin& admin() = 0;
  /// Tenants, teams and principals. Lives as long as the keyring.
  virtual People& people() = 0;
};

}  // namespace mcpgate
