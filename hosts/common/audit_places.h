// File: common/audit_places.h
//
// Where a host's records go: the data directory, and what else the options name.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/audit_options.h"
#include "mcpgate/audit.h"
#include "mcpgate/audit_fan_out.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

struct AuditPlaces {
  std::shared_ptr<AuditSink> sink;      ///< for the gate
  std::shared_ptr<FanOutSink> fan_out;  ///< the same, when there is more than the data directory; else null
};
absl::StatusOr<AuditPlaces> OpenAuditPlaces(const AuditOptions& options, SqliteStorage& storage,
                                            std::function<void(std::string_view)> log);

}  // namespace mcpgate::hosts
