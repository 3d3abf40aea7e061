// File: common/time_text.h
//
// Durations and moments as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace mcpgate::hosts {

/// "500ms", "90s", "15m", "12h", "30d", "2w", or several in a row: "1h30m". More than zero.
absl::StatusOr<Nanos> ParseDuration(std::string_view text);
/// A duration, or "never" as nullopt.
absl::StatusOr<std::optional<Nanos>> ParseLifetime(std::string_view text);
/// A moment: RFC 3339 ("2026-01-31T08:05:09Z", with an offset, a space for the T), a day (its beginning in
/// UTC), or a duration, which means so long before `now`.
absl::StatusOr<WallTime> ParseMoment(std::string_view text, WallTime now);
/// The two largest units: "2d 4h", "1h", "350ms".
std::string DurationText(Nanos duration);
/// All of it in the largest unit that fits, whole milliseconds at least: "90m". `ParseDuration` reads it
/// back.
std::string ExactDurationText(Nanos duration);
/// Milliseconds since the Unix epoch as "2026-01-31T08:05:09Z".
std::string TimeText(std::int64_t unix_ms);
/// The same as "20260131T080509Z", fit for a file name.
std::string CompactTimeText(std::int64_t unix_ms);

}  // namespace mcpgate::hosts
