// File: key_record.h
//
// What a KeyStore keeps: keys, and the tenants, teams and principals they belong to. Rows are plain data;
// their MACs are made and checked by the Keyring. Times are milliseconds since the Unix epoch.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// What a key is for. A session is minted from a key, ends with it and never may more. A bootstrap token
/// makes the first administrator, once, and calls nothing.
enum class KeyKind : std::uint8_t { kKey, kSession, kBootstrap };
/// "key", "session" or "bootstrap".
MCPGATE_EXPORT std::string_view KeyKindName(KeyKind kind);

/// One secret of a key. Limits and history belong to its family; rotation adds a secret to the family.
/// `mac` covers every other field.
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

  // Rows of before these existed have none of them, and their MACs still hold.
  KeyKind kind = KeyKind::kKey;
  std::string principal{};              ///< within the tenant; empty: nobody in particular
  std::string parent{};                 ///< a session's: the family it was minted from
  std::int64_t disabled_at = 0;         ///< 0: enabled
  std::int64_t retires_at = 0;          ///< the old secret of a rotated key ends here; 0: the current one
  std::vector<std::string> networks{};  ///< "203.0.113.0/24"; empty: from anywhere
  std::string metadata{};               ///< canonical JSON of at most 8 KiB, or empty; means nothing here
  std::int64_t imported_at = 0;         ///< from another store: `hash` is of the SHA-256 of the whole key
};

/// When it ends by what its own row says: the earliest of its expiry, its revocation and the end of an old
/// secret; 0: never.
MCPGATE_EXPORT std::int64_t EndOf(const KeyRecord& record);

/// A row as it was found: either a record or the reason why its bytes are not one (a column of the wrong
/// type, grants that do not parse). Whether a readable record is authentic is for the Keyring to say.
struct StoredKey {
  std::string id{};
  absl::StatusOr<KeyRecord> record = absl::InternalError("empty");
};

enum class PersonKind : std::uint8_t { kTenant, kTeam, kPrincipal };
/// "tenant", "team" or "principal".
MCPGATE_EXPORT std::string_view PersonKindName(PersonKind kind);

/// A tenant, a team or a principal. The id is unique among those of the kind in its tenant; a tenant's own
/// row has `tenant` equal to `id`. `mac` covers every other field.
struct PersonRecord {
  PersonKind kind = PersonKind::kTenant;
  std::string tenant{};
  std::string id{};
  std::string parent{};  ///< a principal's team, or empty
  std::vector<std::string>
      externals{};     ///< ids elsewhere ("discord:80351110224678912"), unique in the tenant
  std::string body{};  ///< canonical JSON of everything else
  std::int64_t version = 1;
  std::array<std::uint8_t, 32> mac{};
};

struct StoredPerson {
  PersonKind kind = PersonKind::kTenant;
  std::string tenant{}, id{};
  absl::StatusOr<PersonRecord> record = absl::InternalError("empty");
};

/// One change of one row. An insertion is AlreadyExists when the id, or an external id, is taken. An update
/// replaces the row whose version is the one before the new row's, an erasure the row of that very version;
/// both are Aborted when it has changed since and NotFound when it is gone.
struct RowChange {
  enum class Verb : std::uint8_t { kInsert, kUpdate, kErase };
  Verb verb = Verb::kInsert;
  std::variant<KeyRecord, PersonRecord> row{};
};

/// Which keys. What is empty does not choose.
struct KeyQuery {
  std::string tenant{};
  std::string principal{};  ///< asks for a tenant too
  std::string family{};
  std::string parent{};
  std::string name{};     ///< a pattern, as in Grants
  bool sessions = false;  ///< only sessions
  bool imported = false;  ///< only those taken over from another store
  std::string after{};    ///< an id, present or not: go on behind it
  std::size_t limit = 100;
};
/// A page in order of id. A store may end it early rather than look long.
struct KeyRows {
  std::vector<StoredKey> rows{};
  std::string next{};  ///< go on after this; empty: that was all
};

/// Which tenants, teams or principals. What is empty does not choose.
struct PersonQuery {
  PersonKind kind = PersonKind::kTenant;
  std::string tenant{};
  std::string parent{};    ///< asks for a tenant too
  std::string external{};  ///< asks for a tenant too
  std::string after{};     ///< what `PersonRows::next` said
  std::size_t limit = 100;
};
/// A page in order of tenant and id.
struct PersonRows {
  std::vector<StoredPerson> rows{};
  std::string next{};  ///< empty: that was all
};

/// How often a key was shown and accepted, and when last. Kept beside the rows, without a MAC, in batches: a
/// crash loses the last half minute.
struct KeyUse {
  std::string id{};
  std::int64_t last_used_at = 0;  ///< to the minute
  std::int64_t uses = 0;
  bool operator==(const KeyUse&) const = default;
};

}  // namespace mcpgate
