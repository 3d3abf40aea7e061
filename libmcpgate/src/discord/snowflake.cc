#include "discord/snowflake.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"

namespace mcpgate {
namespace {

constexpr std::int64_t kDiscordEpochMs = 1'420'070'400'000;
constexpr std::uint64_t kMaxMs = (std::uint64_t{1} << 42) - 1;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads an ISO time piece by piece; any miss makes all later reads miss too.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : rest_(text) {}

  int Digits(std::size_t count) {
    if (rest_.size() < count || !std::all_of(rest_.begin(), rest_.begin() + count, IsDigit)) {
      return Miss();
    }
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + count, value);
    rest_.remove_prefix(count);
    return value;
  }
  void Expect(char c) {
    if (!Take(c)) Miss();
  }
  bool Take(char c) {
    if (!ok_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  Nanos Fraction() {
    Nanos value{0};
    std::int64_t unit = 100'000'000;
    if (rest_.empty() || !IsDigit(rest_.front())) Miss();
    for (; !rest_.empty() && IsDigit(rest_.front()); unit /= 10) {
      value += Nanos(unit * (rest_.front() - '0'));
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool at_end() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int Miss() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

struct ClockTime {
  Nanos since_midnight{0};
  Nanos offset{0};
};

std::optional<ClockTime> ReadClock(IsoReader& in) {
  ClockTime time;
  const int hour = in.Digits(2);
  in.Expect(':');
  const int minute = in.Digits(2);
  int second = 0;
  Nanos fraction{0};
  if (in.Take(':')) {
    second = in.Digits(2);
    if (in.Take('.')) fraction = in.Fraction();
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  time.since_midnight =
      std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction;
  if (in.Take('Z') || in.at_end()) return time;
  const bool ahead = in.Take('+');
  if (!ahead) in.Expect('-');
  const int offset_hour = in.Digits(2);
  in.Expect(':');
  const int offset_minute = in.Digits(2);
  if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
  time.offset = std::chrono::hours(offset_hour) + std::chrono::minutes(offset_minute);
  if (!ahead) time.offset = -time.offset;
  return time;
}

std::optional<WallTime> ReadIso(std::string_view text) {
  IsoReader in(text);
  const int year = in.Digits(4);
  in.Expect('-');
  const int month = in.Digits(2);
  in.Expect('-');
  const int day = in.Digits(2);
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  // Nanoseconds in 64 bits end in 2262.
  if (!in.ok() || !date.ok() || year < 1970 || year > 2200) return std::nullopt;
  const WallTime midnight = std::chrono::sys_days(date);
  if (in.at_end()) return midnight;
  in.Expect('T');
  const std::optional<ClockTime> clock = ReadClock(in);
  if (!clock.has_value() || !in.at_end()) return std::nullopt;
  return midnight + clock->since_midnight - clock->offset;
}

}  // namespace

std::optional<std::uint64_t> ParseSnowflake(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit)) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

std::uint64_t SnowflakeAt(WallTime time) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
  if (ms <= kDiscordEpochMs) return 0;
  return std::min(static_cast<std::uint64_t>(ms - kDiscordEpochMs), kMaxMs) << 22;
}

absl::StatusOr<WallTime> ParseIsoTime(std::string_view text) {
  const std::optional<WallTime> time = ReadIso(text);
  if (time.has_value()) return *time;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not a date; write 2026-05-01 or 2026-05-01T12:30:00Z", text.substr(0, 40)));
}

absl::StatusOr<HistoryPoint> ParseHistoryPoint(std::string_view text) {
  if (const auto id = ParseSnowflake(text); id.has_value()) return HistoryPoint{*id, true};
  const absl::StatusOr<WallTime> time = ParseIsoTime(text);
  if (time.ok()) return HistoryPoint{SnowflakeAt(*time), false};
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is neither a message id nor a date; write 1402... or 2026-05-01 or 2026-05-01T12:30:00Z",
      text.substr(0, 40)));
}

}  // namespace mcpgate
