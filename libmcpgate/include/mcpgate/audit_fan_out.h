// File: audit_fan_out.h
//
// One trail in several places, none of which can hold up the others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// One place. Its sink is used by one thread of its own, queued and then flushed, so it need be neither fast
/// nor safe for concurrent use; but it must answer some time, or destroying the fan-out waits for it.
struct AuditMember {
  std::string name{};
  std::shared_ptr<AuditSink> sink{};
  /// Required: `kBefore` waits for it, a full queue refuses. Best effort: nobody waits, a full queue drops
  /// its oldest record, and a record "audit.gap" in this place counts what was dropped.
  bool required = true;
  std::size_t queue = 65536;  ///< records
};

struct FanOutOptions {
  std::vector<AuditMember> members{};        ///< at least one of them required
  Nanos deadline = std::chrono::seconds(2);  ///< for all required members together
  /// One line when a member fails and one when it works again. Called without locks held.
  std::function<void(std::string_view)> log{};
  const Clock* clock = &Clock::System();
};

struct AuditMemberHealth {
  std::string name{};
  bool required = true;
  absl::Status status{};      ///< why the last attempt failed, or that one has lasted beyond the deadline
  std::uint64_t waiting = 0;  ///< records in its queue
  std::uint64_t dropped = 0;  ///< since the start
};

/// FanOutSink
///
/// An AuditSink whose `kBefore` means: in every required member. A refused intent may stay in members that
/// had it already; its outcome record says that nothing ran. Safe for concurrent use.
class MCPGATE_EXPORT FanOutSink : public AuditSink {
 public:
  /// InvalidArgument when no member is required, or one has no sink.
  static absl::StatusOr<std::unique_ptr<FanOutSink>> New(FanOutOptions options);
  /// For health checks; waits for nobody.
  virtual std::vector<AuditMemberHealth> Members() const = 0;
};

}  // namespace mcpgate
