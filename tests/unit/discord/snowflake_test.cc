#include "discord/snowflake.h"

#include <doctest/doctest.h>

namespace mcpgate {
namespace {

TEST_CASE("an id is a decimal number of 64 bits without leading zeros") {
  CHECK(ParseSnowflake("0") == 0u);
  CHECK(ParseSnowflake("41771983423143937") == 41771983423143937u);
  CHECK(ParseSnowflake("18446744073709551615") == 18446744073709551615u);
  for (const char* bad :
       {"", "00", "01", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseSnowflake(bad).has_value());
  }
}

// From Discord's documentation: 175928847299117063 was made at 2016-04-30 11:18:25.796 UTC.
TEST_CASE("a moment becomes the smallest id of its millisecond") {
  const auto time = ParseIsoTime("2016-04-30T11:18:25.796Z");
  REQUIRE(time.ok());
  CHECK(SnowflakeAt(*time) == (175928847299117063u >> 22) << 22);
  CHECK(SnowflakeAt(*ParseIsoTime("2014-12-31")) == 0);
}

TEST_CASE("dates are read as people write them") {
  const std::int64_t noon = 1777636800;  // 2026-05-01T12:00:00Z
  struct Row {
    const char* text;
    std::int64_t ms;
  };
  for (const Row& row :
       {Row{"2026-05-01", (noon - 12 * 3600) * 1000}, Row{"2026-05-01T12:00:00Z", noon * 1000},
        Row{"2026-05-01T12:00Z", noon * 1000}, Row{"2026-05-01T12:00", noon * 1000},
        Row{"2026-05-01T12:00:00.25Z", noon * 1000 + 250}, Row{"2026-05-01T14:00:00+02:00", noon * 1000},
        Row{"2026-05-01T06:30:00.001-05:30", noon * 1000 + 1}}) {
    CAPTURE(row.text);
    const auto time = ParseIsoTime(row.text);
    REQUIRE(time.ok());
    CHECK(std::chrono::duration_cast<std::chrono::milliseconds>(time->time_since_epoch()).count() == row.ms);
  }
}

TEST_CASE("what is not a date is refused with an example") {
  for (const char* bad : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-05-01T", "2026-05-01T25:00Z",
                          "2026-5-1", "2026-05-01T12:00:00Zx", "2026-05-01T12:00:00.Z", "2026-05-01T12:00+2",
                          "1969-12-31", "9999-01-01", "2026-05-01T12", "2026-05-01Z"}) {
    CAPTURE(bad);
    const auto time = ParseIsoTime(bad);
    CHECK(time.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(time.status().message().find("2026-05-01T12:30:00Z") != std::string::npos);
  }
}

}  // namespace
}  // namespace mcpgate
