// File: audit_syslog.h
//
// Records as syslog messages (RFC 5424): a copy for whoever collects logs, not a trail.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

struct SyslogOptions {
  /// "unix:/dev/log", "udp:HOST:PORT" or "tcp:HOST:PORT" (octet counting, RFC 6587). An IPv6 host is in
  /// brackets.
  std::string address = "unix:/dev/log";
  std::string app_name = "mcpgate";          ///< at most 48 visible ASCII characters
  int facility = 13;                         ///< "log audit"
  Nanos deadline = std::chrono::seconds(2);  ///< for one connection or one message
};

/// The message of a record is its canonical JSON text; refusals and failures are warnings, the rest is
/// informational. A daemon confirms nothing, so a flushed record is only known to have been handed over, and
/// over UDP not even that. InvalidArgument when the options make no sense; nothing is sent before the first
/// record. For one thread: give it to a FanOutSink as a best-effort member.
MCPGATE_EXPORT absl::StatusOr<std::unique_ptr<AuditSink>> NewSyslogSink(SyslogOptions options);

}  // namespace mcpgate
