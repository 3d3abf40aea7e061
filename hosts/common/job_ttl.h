// File: common/job_ttl.h
//
// How long what has ended is kept.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

/// --job-ttl, MCPGATE_JOB_TTL. `text` outlives the parse; it stays empty when neither is given.
void DeclareJobTtl(CLI::App& app, std::string& text);
/// What `text` says; when it is empty what $MCP_JOB_TTL_MS does, as other servers read it, else 7 days.
/// nullopt: for good. InvalidArgument says what is expected.
absl::StatusOr<std::optional<Nanos>> ReadJobTtl(const std::string& text);

}  // namespace mcpgate::hosts
