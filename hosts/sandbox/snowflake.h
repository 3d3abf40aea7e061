// Discord's ids: milliseconds since 2015 in the upper 42 bits, a counter below.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcpgate::sandbox {

using Snowflake = std::uint64_t;

constexpr std::int64_t kDiscordEpochMs = 1'420'070'400'000;

constexpr Snowflake SnowflakeAt(std::int64_t unix_ms, std::uint32_t low_bits = 0) {
  const std::int64_t since = unix_ms > kDiscordEpochMs ? unix_ms - kDiscordEpochMs : 0;
  return (static_cast<Snowflake>(since) << 22) | (low_bits & 0x3F'FFFF);
}
constexpr std::int64_t UnixMs(Snowflake id) { return static_cast<std::int64_t>(id >> 22) + kDiscordEpochMs; }

/// Decimal digits without a leading zero that fit 64 bits; nullopt for anything else.
std::optional<Snowflake> ParseSnowflake(std::string_view text);
/// "2025-03-04T10:11:12.345000+00:00", as Discord writes times.
std::string TimeText(std::int64_t unix_ms);

}  // namespace mcpgate::sandbox
