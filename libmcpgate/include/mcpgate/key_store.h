// File: key_store.h
//
// API keys. A KeyStore holds records and knows no crypto; the Keyring makes, verifies and revokes keys, and
// all crypto of keys is behind it.
//
//   auto ring = Keyring::New({.store = store, .root_key = root});
//   auto issued = (*ring)->Issue({.name = "laptop", .grants = {.role = Role::kWriter}});
//   // hand RevealSecret(issued->token) to its owner; it is never shown again
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// One row of the store. `mac` covers every other field; times are milliseconds since the Unix epoch.
struct KeyRecord {
  std::string id{};
  std::string family{};
  std::string tenant{};
  std::string name{};
  Grants grants{};
  std::array<std::uint8_t, 32> hash{};  ///< keyed BLAKE2b-256 of the whole key
  std::int64_t created_at = 0;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;  ///< 0: never
  std::int64_t revoked_at = 0;  ///< 0: live
  std::int64_t version = 1;     ///< counts the changes of this row
  std::array<std::uint8_t, 32> mac{};
};

/// A row as it was found: either a record or the reason why its bytes are not one (a column of the wrong
/// type, grants that do not parse). Whether a readable record is authentic is for the Keyring to say.
struct StoredKey {
  std::string id{};
  absl::StatusOr<KeyRecord> record = absl::InternalError("empty");
};

/// KeyStore
///
/// Dumb records. A change is durable, and `Revision()` has changed in every process that shares the store,
/// before the call that made it returns. Safe for concurrent use.
class MCPGATE_EXPORT KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// nullopt: no such key. DataLoss: the row is there but unreadable. Unavailable: the store did not answer.
  virtual absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) = 0;
  /// Up to `limit` rows with ids after `after` (empty: from the first), in order of id.
  virtual absl::StatusOr<std::vector<StoredKey>> List(std::string_view after, std::size_t limit) = 0;
  /// AlreadyExists when the id is taken.
  virtual absl::Status Insert(const KeyRecord& record) = 0;
  /// Replaces the row whose version is `record.version - 1`; Aborted when it has changed since, NotFound when
  /// gone.
  virtual absl::Status Update(const KeyRecord& record) = 0;
  /// Changes whenever any row may have changed. Cheap: read at every verification. An odd value says that a
  /// change is under way and nothing remembered may be used.
  virtual std::uint64_t Revision() = 0;
};

/// Keys in memory, for tests and for embedding without a database. Lost when it dies.
MCPGATE_EXPORT std::unique_ptr<KeyStore> NewMemoryKeyStore();

/// What a new key shall be.
struct KeyRequest {
  std::string name{};              ///< 1 to 100 characters, for people
  std::string tenant = "default";  ///< 1 to 64 of [a-z0-9-]
  Grants grants{};
  std::optional<Nanos> lifetime{};  ///< nullopt: never expires
};

/// A key as it may be shown: everything but the secret.
struct KeyInfo {
  enum class State { kLive, kExpired, kRevoked, kTampered };
  State state = State::kLive;
  KeyRecord record{};     ///< only `id` is set when tampered
  std::string problem{};  ///< why it counts as tampered
};
/// "live", "expired", "revoked" or "tampered".
MCPGATE_EXPORT std::string_view KeyStateName(KeyInfo::State state);

/// A new key. The token exists here and nowhere else.
struct IssuedKey {
  Secret token{};
  KeyRecord record{};
};

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
  kTampered
};
MCPGATE_EXPORT std::string_view KeyRefusalName(KeyRefusal refusal);

/// The answer of `Verify`: a principal, or a reason. `key_id` is the id the token claims, when it has the
/// form of one.
struct KeyVerdict {
  std::shared_ptr<const Principal> principal{};
  KeyRefusal refusal = KeyRefusal::kNone;
  std::string key_id{};
};

struct KeyringOptions {
  std::shared_ptr<KeyStore> store{};
  Secret root_key{};           ///< 32 bytes; pepper and row key are derived from it
  std::string brand = "mcpg";  ///< 2 to 16 of [a-z0-9]; the first part of every key
  std::size_t cache_entries = 1u << 20;
  const Clock* clock = &Clock::System();
};

/// Keyring
///
/// Format `<brand>_k_<id:12>_<secret:33><crc:6>` in base62; the secret has 192 random bits, the CRC-32 covers
/// all before it. Safe for concurrent use.
class MCPGATE_EXPORT Keyring {
 public:
  /// InvalidArgument when the root key is not 32 bytes or the brand is malformed.
  static absl::StatusOr<std::unique_ptr<Keyring>> New(KeyringOptions options);
  virtual ~Keyring() = default;

  /// InvalidArgument names the field that is wrong.
  virtual absl::StatusOr<IssuedKey> Issue(const KeyRequest& request) = 0;
  /// Decides by the store as it is now: a key revoked before this call began is refused. Takes the same time
  /// for an unknown id as for a wrong secret. An error Status means that the store did not answer, not that
  /// the key is bad.
  virtual absl::StatusOr<KeyVerdict> Verify(const Secret& token) = 0;
  /// OK also when already revoked. NotFound when there is no such key; a tampered row is DataLoss.
  virtual absl::StatusOr<KeyInfo> Revoke(std::string_view id) = 0;
  virtual absl::StatusOr<KeyInfo> Show(std::string_view id) = 0;
  virtual absl::StatusOr<std::vector<KeyInfo>> List(std::string_view after, std::size_t limit) = 0;
};

}  // namespace mcpgate
