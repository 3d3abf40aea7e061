// File: admin/standing.h
//
// How limits stand for a key, as clients see it.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate::admin {

/// Of the limits that rule every call, and of those of each class of tools. Those that count each tool by
/// itself are told for `tool`, and not at all when it is empty.
absl::StatusOr<Json> StandingsJson(const Gate& gate, const Principal& who, std::string_view tool);
/// The schema of one of them.
Json StandingSchema();

}  // namespace mcpgate::admin
