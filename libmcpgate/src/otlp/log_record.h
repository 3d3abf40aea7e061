// File: otlp/log_record.h
//
// An audit record as OTLP has it (opentelemetry/proto/logs/v1/logs.proto, in its JSON form).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mcpgate/audit.h"
#include "mcpgate/json.h"

namespace mcpgate::otlp {

/// Names of attributes are ours ("mcpgate.…"): OpenTelemetry's own for tools are not stable.
Json LogRecordJson(const AuditRecord& record, WallTime observed);
/// The body of one request, an ExportLogsServiceRequest.
std::string RequestText(std::string_view service, std::span<const Json> records);

}  // namespace mcpgate::otlp
