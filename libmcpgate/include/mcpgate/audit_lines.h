// File: audit_lines.h
//
// The trail as a file of JSON lines: for a machine that collects logs, or an embedding without a database.
//
// Each line is {"body":{...},"hash":"...","seq":42}: the record, a keyed hash over seq, the line before and
// the record (base64url), and its number. A file begins with
// {"chain":"mcpgate-audit-lines/1","hash":...,"mac":..., "seq":41}, which says where the file before it
// ended. One process writes one file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// When a record counts as written. After a power cut what was not synced may be gone.
enum class LineSync : std::uint8_t {
  kNone,      ///< when the system has it
  kInterval,  ///< when the system has it; synced at least every `interval`, if there is anything
  kGroup,     ///< when it is synced; what waits together shares one sync
  kEach,      ///< when it is synced, each by itself
};

struct AuditLinesOptions {
  std::string path{};
  Secret chain_key{};  ///< 32 bytes; whoever verifies needs it
  LineSync sync = LineSync::kGroup;
  Nanos interval = std::chrono::seconds(1);
  /// A file that has grown beyond this is renamed to "<path>.<20 digits of its last seq>". 0: never.
  std::uint64_t rotate_bytes = 256u << 20;
  const Clock* clock = &Clock::System();
};

/// Opens the file or makes it with mode 0600. Half a line at its end, as a crash leaves it, is removed, and a
/// record "audit.repair" says so. DataLoss when the file is damaged before its end; FailedPrecondition when
/// another process has it open.
///
/// A file that was moved away (logrotate) is followed by a new one at the same path. What cannot be written
/// is kept, up to 4 MiB, and tried again. The sink is for one thread: give it to a FanOutSink, as its only
/// member or beside others, which adds queue, thread and deadline.
MCPGATE_EXPORT absl::StatusOr<std::unique_ptr<AuditSink>> NewAuditLines(AuditLinesOptions options);

/// Walks the files, oldest first. Truncated: the last line is not whole. That whole lines are missing at the
/// very end does not show in the files alone.
MCPGATE_EXPORT AuditVerdict VerifyAuditLines(const std::vector<std::string>& paths, const Secret& chain_key);

}  // namespace mcpgate
