// File: audit_otlp.h
//
// Records as log records of OpenTelemetry, over OTLP/HTTP with JSON (component "discord", whose HTTP client
// it shares): a copy for a collector, not a trail.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/secret.h"

namespace mcpgate {

struct OtlpOptions {
  std::string url = "http://127.0.0.1:4318/v1/logs";
  /// What the collector asks for: "authorization". Sent in the clear to this machine alone.
  std::vector<std::pair<std::string, Secret>> headers{};
  std::string service = "mcpgate";           ///< service.name
  Nanos timeout = std::chrono::seconds(10);  ///< of one request
  const Clock* clock = &Clock::System();
};

/// Up to 512 records a request. What the collector answers by 429, 502, 503 or 504, or not at all, is sent
/// again after a while that doubles up to 30 s, or that Retry-After names; what it refuses otherwise is
/// dropped, and the flush says so. InvalidArgument when the URL is not http or https, or plain http to
/// another machine with headers. For one thread: give it to a FanOutSink as a best-effort member.
MCPGATE_EXPORT absl::StatusOr<std::unique_ptr<AuditSink>> NewOtlpSink(OtlpOptions options);

}  // namespace mcpgate
