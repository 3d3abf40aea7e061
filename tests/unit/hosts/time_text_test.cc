#include "common/time_text.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace mcpgate::hosts {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a duration is read in every unit and in sums of them") {
  const std::pair<const char*, Nanos> cases[] = {
      {"500ms", 500ms}, {"90s", 90s}, {"15m", 15min},       {"12h", 12h},
      {"30d", 720h},    {"2w", 336h}, {"1h30m", 90min},     {"1m500ms", 60s + 500ms},
      {"0d1s", 1s},     {"007s", 7s}, {"100000d", 2400000h}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const absl::StatusOr<Nanos> duration = ParseDuration(text);
    REQUIRE(duration.ok());
    CHECK(*duration == expected);
  }
}

TEST_CASE("what is not a duration is refused with an example of one") {
  for (const char* text : {"", "5", "h", "5x", "-5s", "5 s", "1.5h", "5S", "9999999999d", "5s ", "5s,3m",
                           "99999999999999999999s"}) {
    CAPTURE(text);
    const absl::StatusOr<Nanos> duration = ParseDuration(text);
    REQUIRE_FALSE(duration.ok());
    CHECK(std::string(duration.status().message()).find("1h30m") != std::string::npos);
  }
}

TEST_CASE("a duration of nothing is refused") {
  for (const char* text : {"0s", "0d0h"}) {
    CAPTURE(text);
    CHECK(absl::IsInvalidArgument(ParseDuration(text).status()));
  }
}

TEST_CASE("a lifetime may be never") {
  const absl::StatusOr<std::optional<Nanos>> never = ParseLifetime("never");
  REQUIRE(never.ok());
  CHECK_FALSE(never->has_value());
  const absl::StatusOr<std::optional<Nanos>> month = ParseLifetime("30d");
  REQUIRE(month.ok());
  CHECK(month->value() == 720h);
  CHECK_FALSE(ParseLifetime("soon").ok());
}

TEST_CASE("a duration is shown by its two largest units") {
  const std::pair<Nanos, const char*> cases[] = {
      {0s, "0s"},       {350ms, "350ms"},           {1h, "1h"}, {90s, "1m 30s"}, {52h, "2d 4h"},
      {24h + 5s, "1d"}, {3h + 25min + 9s, "3h 25m"}};
  for (const auto& [duration, expected] : cases) CHECK(DurationText(duration) == expected);
}

TEST_CASE("a moment is shown in UTC") {
  CHECK(TimeText(0) == "1970-01-01T00:00:00Z");
  CHECK(TimeText(1'769'846'709'999) == "2026-01-31T08:05:09Z");
  CHECK(CompactTimeText(1'769'846'709'999) == "20260131T080509Z");
}

TEST_CASE("a moment is read as RFC 3339, as a day, or as how long ago") {
  const WallTime now(24h * 400);
  const std::pair<const char*, WallTime> cases[] = {
      {"1970-01-02", WallTime(24h)},
      {"1970-01-01T00:00:01Z", WallTime(1s)},
      {"1970-01-01 00:00:01.5z", WallTime(1500ms)},
      {"1970-01-01T02:00:00+01:30", WallTime(30min)},
      {"1970-01-01T02:00:00-01:30", WallTime(210min)},
      {"2026-01-31T08:05:09.000000001Z", WallTime(1'769'846'709s + 1ns)},
      {"30d", now - 720h}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const absl::StatusOr<WallTime> moment = ParseMoment(text, now);
    REQUIRE(moment.ok());
    CHECK(*moment == expected);
  }
  for (const char* text :
       {"", "yesterday", "2026-02-30", "2026-1-1", "9999-01-01", "2026-01-31T25:00:00Z", "1970-01-01T"}) {
    CAPTURE(text);
    CHECK(absl::IsInvalidArgument(ParseMoment(text, now).status()));
  }
}

}  // namespace
}  // namespace mcpgate::hosts
