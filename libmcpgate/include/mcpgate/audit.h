// File: audit.h
//
// Who did what, written so that it can be proved later. An effect's intent is durable before the effect.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

enum class AuditClass : std::uint8_t { kTool, kAuth, kAdmin, kSystem };
enum class AuditPhase : std::uint8_t { kSingle, kIntent, kOutcome };
/// allow is an intent's; ok, error, aborted, cancelled and unknown are how an admitted call ended; deny never
/// ran.
enum class AuditOutcome : std::uint8_t { kAllow, kDeny, kOk, kError, kAborted, kCancelled, kUnknown };
MCPGATE_EXPORT std::string_view AuditClassName(AuditClass value);
MCPGATE_EXPORT std::string_view AuditPhaseName(AuditPhase value);
MCPGATE_EXPORT std::string_view AuditOutcomeName(AuditOutcome value);

/// One event. No field may hold a secret or an argument's value that the tool did not declare fit for the
/// trail.
struct AuditRecord {
  WallTime time{};
  AuditClass klass = AuditClass::kTool;
  AuditPhase phase = AuditPhase::kSingle;
  AuditOutcome outcome = AuditOutcome::kOk;
  std::string call{};           ///< ties intent and outcome together; unique among all processes
  std::string action{};         ///< "discord_send_message", "keys.revoke"
  std::string tenant{}, key{};  ///< key id, empty before authentication
  std::string source{};         ///< where the call came in: "stdio", "cli"
  std::string reason{};         ///< why it was refused or failed
  std::string request{};        ///< the JSON-RPC id, as text
  std::string args_digest{};    ///< of the arguments: hex of the first 16 bytes of a keyed BLAKE2b-256
  std::uint64_t args_bytes = 0;
  std::vector<std::pair<std::string, std::string>> fields{};  ///< declared fit: channel, message id ...
  Nanos duration{0};
};

/// Appends the record's canonical JSON text (what is hashed and stored, without seq) to `out`: members in
/// order of name, empty ones left out, no spaces; DumpJson of its parse is the same text. `time` is RFC 3339
/// with nanoseconds. Texts are cut after 1,024 bytes (a cut ends in "…"), and at most 64 fields are kept.
MCPGATE_EXPORT void AppendAuditJson(std::string& out, const AuditRecord& record);
/// A moment as records have it: "2026-07-28T00:00:00.000000000Z". The order of texts is the order of times.
MCPGATE_EXPORT std::string AuditTimeText(WallTime time);

enum class AuditDurability : std::uint8_t {
  kBefore,  ///< Append returns when the record is on disk, or an error when it is not within the sink's
            ///< deadline
  kQueued,  ///< Append returns at once; the record is on disk within the sink's linger (50 ms)
};

/// AuditSink
///
/// Slow, full or gone: `kBefore` waits up to the deadline, then answers Unavailable, and the gate refuses the
/// effect. `kQueued` accepts into a bounded queue; a full queue answers ResourceExhausted and the loss is
/// counted in a record of its own once there is room. Safe for concurrent use.
class MCPGATE_EXPORT AuditSink {
 public:
  virtual ~AuditSink() = default;
  virtual absl::Status Append(AuditRecord record, AuditDurability durability) = 0;
  /// OK when a queued record would be accepted now; waits up to the deadline for room, then Unavailable.
  /// Asked before a read-only call runs, so that no call that ran goes unrecorded.
  virtual absl::Status Ready() = 0;
  /// Returns when everything accepted so far is durable, or an error after the deadline.
  virtual absl::Status Flush() = 0;
};

/// Keeps the newest `capacity` records in memory, for tests and for embedding without a database.
class MCPGATE_EXPORT MemoryAuditSink : public AuditSink {
 public:
  /// Oldest first.
  virtual std::vector<AuditRecord> Records() const = 0;
};
MCPGATE_EXPORT std::unique_ptr<MemoryAuditSink> NewMemoryAuditSink(std::size_t capacity = 4096);

}  // namespace mcpgate
