// File: discord/snowflake.h
//
// Discord's ids: 64 bits, of which the upper 42 are milliseconds since 2015.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// JSON Schema pattern of an id as tools take it; always a string, because JavaScript rounds such numbers.
inline constexpr char kSnowflakePattern[] = "^(0|[1-9][0-9]{0,19})$";

/// nullopt unless `text` is a decimal number without leading zeros that fits 64 bits.
MCPGATE_EXPORT std::optional<std::uint64_t> ParseSnowflake(std::string_view text);

/// The smallest id that can be made at `time`; 0 before 2015.
MCPGATE_EXPORT std::uint64_t SnowflakeAt(WallTime time);

/// "2026-05-01", "2026-05-01T12:30:00Z", "2026-05-01T12:30:00.5+02:00". A date is its first moment in UTC, a
/// time without offset is UTC. InvalidArgument otherwise.
MCPGATE_EXPORT absl::StatusOr<WallTime> ParseIsoTime(std::string_view text);

/// A place in a channel's history: a message, or a moment as the smallest id that can be made then.
struct HistoryPoint {
  std::uint64_t id = 0;
  bool is_message = false;
};
/// Takes an id or an ISO date.
MCPGATE_EXPORT absl::StatusOr<HistoryPoint> ParseHistoryPoint(std::string_view text);

}  // namespace mcpgate
