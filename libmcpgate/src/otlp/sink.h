// File: otlp/sink.h
//
// The sink with the HTTP client it is given.
#pragma once

#include <memory>

#include "mcpgate/audit_otlp.h"
#include "net/http_client.h"

namespace mcpgate::otlp {

absl::StatusOr<std::unique_ptr<AuditSink>> NewSink(OtlpOptions options,
                                                   std::unique_ptr<net::HttpClient> client);

}  // namespace mcpgate::otlp
