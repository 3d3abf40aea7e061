// File: admin/audit_viewer.h
//
// How the growing trail reaches one who watches it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mcpgate/audit_trail.h"
#include "mcpgate/http.h"

namespace mcpgate::admin {

/// What happened since the last look. Of a gap the watcher gets no more than its ends.
struct TrailNews {
  std::uint64_t gap_from = 0, gap_to = 0;  ///< 0: none
  std::vector<StoredAudit> records{};
};

/// AuditViewer
///
/// Each function is false when it is over: the watcher is gone, or reads too slowly. None waits. Called by
/// one thread at a time.
class AuditViewer {
 public:
  virtual ~AuditViewer() = default;
  virtual bool Tell(const TrailNews& news) = 0;
  /// Nothing happened for a while: shows that the connection lives.
  virtual bool Quiet() = 0;
  virtual void End() = 0;
};

/// Server-sent events on a stream that has begun: `record` and `gap`, with the record's seq as id.
std::unique_ptr<AuditViewer> NewEventStream(std::shared_ptr<HttpExchange> exchange);

}  // namespace mcpgate::admin
