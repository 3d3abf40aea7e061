// File: key_admin.h
//
// The life of keys: issued, changed, rotated, disabled, ended; sessions minted from them; keys of older
// stores taken over. Every call says whose keys it may see; a key of another tenant is NotFound.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
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
#include "mcpgate/people.h"
#include "mcpgate/secret.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate {

/// What a new key shall be.
struct KeyRequest {
  std::string name{};              ///< 1 to 100 characters, for people
  std::string tenant = "default";  ///< 1 to 64 of [a-z0-9-]
  Grants grants{};
  std::optional<Nanos> lifetime{};      ///< nullopt: never expires
  std::string principal{};              ///< an existing one of the tenant; empty: nobody in particular
  std::vector<std::string> networks{};  ///< "203.0.113.0/24", "2001:db8::/32", "192.0.2.7"; at most 64
  std::string metadata{};               ///< a JSON object of at most 8 KiB, or empty
};

/// A key as it may be shown: everything but the secret.
struct KeyInfo {
  enum class State { kLive, kExpired, kRevoked, kTampered, kDisabled };
  State state = State::kLive;
  KeyRecord record{};     ///< only `id` is set when tampered
  std::string problem{};  ///< why it counts as tampered
};
/// "live", "expired", "revoked", "tampered" or "disabled".
MCPGATE_EXPORT std::string_view KeyStateName(KeyInfo::State state);

/// A new key. The token exists here and nowhere else.
struct IssuedKey {
  Secret token{};
  KeyRecord record{};
  /// Families that the principal's issue policy revoked for it; their owner should be told.
  std::vector<std::string> replaced{};
};

/// A page of keys, in order of id.
struct KeyPage {
  std::vector<KeyInfo> keys{};
  std::string next{};  ///< for `KeyQuery::after`; empty: that was all
};

/// What shall change of a family, all of its live secrets at once; what is not set stays.
struct KeyChange {
  std::optional<std::string> name{};
  std::optional<Grants> grants{};
  std::optional<std::int64_t>
      expires_at{};  ///< milliseconds since the epoch; earlier than it is now, never later
  std::optional<std::vector<std::string>> networks{};
  std::optional<std::string> metadata{};
  std::optional<std::int64_t> if_version{};  ///< Aborted unless the key shown has that version
};

/// Which keys a mass revocation means: live ones for which everything set here holds.
struct KeyFilter {
  std::string tenant{}, principal{}, parent{};
  std::string name{};                            ///< a pattern, as in Grants
  std::optional<std::int64_t> created_before{};  ///< milliseconds since the epoch
  std::optional<std::int64_t> unused_since{};    ///< neither made nor used since then
  /// Leaves those alone of which it is true; no condition by itself. May be empty.
  std::function<bool(const KeyRecord&)> spare{};
};
struct MassRevocation {
  std::vector<KeyInfo> keys{};
  bool is_complete = true;  ///< false: there are more; ask again
};

/// What a session shall be. It belongs to the tenant and principal of its parent.
struct SessionRequest {
  std::string parent{};                                ///< the id of a live key
  std::string name{};                                  ///< 1 to 100 characters
  std::optional<Grants> grants{};                      ///< nullopt: the parent's; never works beyond them
  Nanos lifetime = std::chrono::hours(12);             ///< at most 90 days; cut at the parent's end
  std::optional<std::vector<std::string>> networks{};  ///< nullopt: the parent's
  std::string metadata{};
  bool disabled = false;  ///< refused until it is enabled
};

/// A key of an older store, whose owner goes on using it.
struct ImportedKey {
  KeyRequest request{};
  Secret token{};            ///< the whole key ("midl_0123..."), or
  std::string sha256_hex{};  ///< the SHA-256 of it, 64 hexadecimal digits
};

/// Which keys shall be forgotten, a batch at a time.
struct KeyForgetting {
  std::int64_t ended_by = 0;  ///< milliseconds since the epoch, not in the future
  std::string after{};        ///< go on after what `ForgottenKeys::next` said
  std::size_t most = 50;      ///< rows looked at; what ends with them comes on top, at most 1,000 of a key
  bool dry_run = false;
  /// Told the batch before anything is done; an error leaves it alone and is the answer. May be empty.
  std::function<absl::Status(const std::vector<KeyRecord>&)> announce{};
};
struct ForgottenKeys {
  std::vector<KeyRecord> keys{};  ///< a session stands before the key that it ended with
  std::string next{};             ///< empty: that was all
};

/// KeyAdmin
///
/// What is changed is refused, or granted, from the moment the call returns, in every process on the store.
/// Unavailable: the store did not answer. DataLoss: a row was changed by something that does not hold the
/// root key. Aborted: others kept changing the same rows; nothing was done. Safe for concurrent use.
class MCPGATE_EXPORT KeyAdmin {
 public:
  virtual ~KeyAdmin() = default;

  /// InvalidArgument names the field that is wrong; NotFound when there is no such tenant or principal;
  /// ResourceExhausted when the principal's issue policy refuses, which holds however many ask at once;
  /// FailedPrecondition when the principal is disabled.
  virtual absl::StatusOr<IssuedKey> Issue(const TenantScope& scope, const KeyRequest& request) = 0;
  virtual absl::StatusOr<KeyInfo> Show(const TenantScope& scope, std::string_view id) = 0;
  /// `query.tenant` narrows an operator's view; in the scope of a tenant it may be empty.
  virtual absl::StatusOr<KeyPage> List(const TenantScope& scope, const KeyQuery& query) = 0;
  /// In order of `ids`; at most 1,000 of them. What the scope does not cover counts as never used.
  virtual absl::StatusOr<std::vector<KeyUse>> Uses(const TenantScope& scope,
                                                   std::span<const std::string> ids) = 0;
  /// Live keys that end within `within` from now, in order of id; looks at one page of `query` at a time.
  virtual absl::StatusOr<KeyPage> Expiring(const TenantScope& scope, const KeyQuery& query, Nanos within) = 0;

  /// Changes the family of `id` and answers the key `id` as it is then. FailedPrecondition when it is no
  /// more.
  virtual absl::StatusOr<KeyInfo> Update(const TenantScope& scope, std::string_view id,
                                         const KeyChange& change) = 0;
  /// The family of `id`. A disabled key is refused until it is enabled; its sessions with it.
  virtual absl::StatusOr<KeyInfo> SetDisabled(const TenantScope& scope, std::string_view id,
                                              bool disabled) = 0;

  /// OK also when already revoked. NotFound when there is no such key; a tampered row is DataLoss.
  virtual absl::StatusOr<KeyInfo> Revoke(const TenantScope& scope, std::string_view id) = 0;
  /// All secrets of the family of `id`, and so its sessions.
  virtual absl::StatusOr<KeyInfo> RevokeFamily(const TenantScope& scope, std::string_view id) = 0;
  /// With `dry_run` nothing changes and the answer is what would. At most 1,000 keys a call.
  /// InvalidArgument for a filter with nothing set.
  virtual absl::StatusOr<MassRevocation> RevokeAll(const TenantScope& scope, const KeyFilter& filter,
                                                   bool dry_run) = 0;

  /// Forgets for good keys and sessions that ended by then; their ids are never given again and a key that
  /// was imported is not taken over again. What something else needs stays: a key as long as any secret of
  /// its family ended later (of a family that goes on only the secrets after the first are forgotten), and
  /// rows that were tampered with. Sessions are forgotten with their key. A batch goes whole or not at all;
  /// one that somebody else changes meanwhile stays, and counts as empty.
  virtual absl::StatusOr<ForgottenKeys> ForgetEnded(const TenantScope& scope,
                                                    const KeyForgetting& forgetting) = 0;

  /// A new secret for the family of `id`. It ends when the family does; the old one ends after `overlap` (0:
  /// now; at most 90 days), or earlier if it would have. FailedPrecondition while a rotation is under way.
  virtual absl::StatusOr<IssuedKey> Rotate(const TenantScope& scope, std::string_view id, Nanos overlap) = 0;
  /// Ends the old secret now. Answers it. FailedPrecondition when no rotation is under way.
  virtual absl::StatusOr<KeyInfo> FinishRotation(const TenantScope& scope, std::string_view id) = 0;
  /// Revokes the new secret and lets the old one go on as before. Answers the old one.
  virtual absl::StatusOr<KeyInfo> UndoRotation(const TenantScope& scope, std::string_view id) = 0;

  /// A token that may at most what its parent may at the time of each call, and ends with it.
  /// ResourceExhausted when the principal has as many live sessions as its session limit says (of a key that
  /// is nobody's: 16), which holds however many ask at once; InvalidArgument for a role above the parent's.
  virtual absl::StatusOr<IssuedKey> MintSession(const TenantScope& scope, const SessionRequest& request) = 0;

  /// Takes over a key by its text or by its hash; from then on it is verified like every other.
  /// AlreadyExists when it is there.
  virtual absl::StatusOr<KeyInfo> Import(const TenantScope& scope, const ImportedKey& key) = 0;

  /// A token that can make the first administrator, once, within 30 minutes. FailedPrecondition when there
  /// are keys already; AlreadyExists while another token is good.
  virtual absl::StatusOr<Secret> BeginBootstrap() = 0;
  /// Makes the administrator (tenant and principal of `request`, made when they are missing) and its key, and
  /// spends the token: of several that try, one does. `address` is the caller's and must be of this machine.
  /// PermissionDenied, without saying why, for every token that is not good.
  virtual absl::StatusOr<IssuedKey> Bootstrap(const Secret& token, std::string_view address,
                                              const KeyRequest& request) = 0;
};

}  // namespace mcpgate
