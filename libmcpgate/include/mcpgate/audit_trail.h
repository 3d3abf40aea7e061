// File: audit_trail.h
//
// The written trail: reading it back, page by page, and proving that it is whole.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate {

/// A stored record as a reader gets it back.
struct StoredAudit {
  std::uint64_t seq = 0;
  std::string body{};  ///< canonical JSON text
};

/// Which records. What is not set admits any.
struct AuditQuery {
  std::uint64_t after_seq = 0;
  std::size_t limit = 100;
  bool newest = false;                  ///< begin at the end of the trail
  std::optional<std::string> tenant{};  ///< narrows an operator's view
  std::optional<std::string> key{};
  std::optional<std::string> action{};  ///< a pattern: `*` stands for any run of characters
  std::optional<std::string> outcome{}, klass{}, call{};
  /// Occurs in a text of the record or of its fields; ASCII letters compare without case.
  std::optional<std::string> text{};
  std::optional<WallTime> from{}, until{};  ///< from <= time < until
};

constexpr std::size_t kMaxAuditPage = 1000;  ///< records

/// A part of what a query finds. A page may have fewer records than its limit, even none, and still a next
/// one: the work for one page is bounded.
struct AuditPage {
  std::vector<StoredAudit> records{};  ///< newest first when the query begins at the newest
  std::string next{};                  ///< cursor of what follows in this order; empty at the end
  /// Cursor of what comes before; empty at the beginning. Before the newest stands what will yet be written.
  std::string previous{};
};

/// What `Verify` found. `first_bad` is the first seq that does not hold. Unreadable means that not everything
/// could be looked at, so not everything is proved.
struct AuditVerdict {
  enum class State { kIntact, kTampered, kTruncated, kUnreadable };
  State state = State::kIntact;
  std::uint64_t records = 0;
  std::uint64_t first_bad = 0;
  std::string detail{};
};

/// Takes one line, without its line end. An error ends the work.
using LineSink = std::function<absl::Status(std::string_view line)>;

/// AuditTrail
///
/// Reads a chained trail. A record without a tenant (a refused key, a change to the whole installation) is
/// seen by the operator alone. Safe for concurrent use, beside writers.
class MCPGATE_EXPORT AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  /// The first `limit` records of the query, or with `newest` the last ones; in order of seq either way.
  /// Looks at the whole trail if it must.
  virtual absl::StatusOr<std::vector<StoredAudit>> Read(const TenantScope& scope,
                                                        const AuditQuery& query) = 0;
  /// One page of the query, at most `kMaxAuditPage` records: the first one for an empty cursor, else the one
  /// that `cursor` stands for. A cursor is sealed and belongs to its scope and query: InvalidArgument for any
  /// other one.
  virtual absl::StatusOr<AuditPage> Page(const TenantScope& scope, const AuditQuery& query,
                                         std::string_view cursor) = 0;
  /// Walks the whole chain. Streams; memory does not grow with the trail. `checkpoints` are signed notes that
  /// were made before: with one of them a cut end and a trail that was written anew as a whole show as well.
  virtual AuditVerdict Verify(const std::vector<std::string>& checkpoints) = 0;
  AuditVerdict Verify() { return Verify({}); }
  /// A signed checkpoint (c2sp.org/tlog-checkpoint) of the trail as it is now: its size and the root of the
  /// RFC 6962 tree over its records. Walks the whole chain; DataLoss when it does not hold.
  virtual absl::StatusOr<std::string> Checkpoint() = 0;
  /// By what anybody can check checkpoints and exports: "name+hash+key" (c2sp.org/signed-note).
  virtual std::string VerifierKey() const = 0;
  /// Writes what the query finds as JSON lines that prove themselves; see `AuditExport`. DataLoss when the
  /// chain does not hold.
  virtual absl::Status Export(const TenantScope& scope, const AuditQuery& query, const LineSink& write) = 0;
};

}  // namespace mcpgate
