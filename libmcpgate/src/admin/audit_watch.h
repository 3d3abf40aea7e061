// File: admin/audit_watch.h
//
// Requests that watch the trail grow, admitted and begun.
#pragma once

#include <memory>

#include "admin/job.h"
#include "admin/live_audit.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/gate.h"
#include "mcpgate/http.h"

namespace mcpgate::admin {

/// AuditWatch
///
/// Safe for concurrent use.
class AuditWatch {
 public:
  /// Both outlive it; `trail` may be null, and then there is nothing to watch.
  AuditWatch(Gate& gate, AuditTrail* trail);

  /// Passes the gate and begins the stream or socket that `job` asks for, or refuses.
  void Begin(const Job& job, const std::shared_ptr<HttpExchange>& exchange);
  void EndAll();

 private:
  std::unique_ptr<AuditViewer> NewViewer(const Job& job, const std::shared_ptr<HttpExchange>& exchange);

  Gate& gate_;
  WebSockets sockets_;
  const std::unique_ptr<LiveAudit> live_;  // null without a trail
};

}  // namespace mcpgate::admin
