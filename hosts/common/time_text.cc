#include "common/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <regex>
#include <string>

#include "absl/status/status.h"

namespace mcpgate::hosts {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr std::int64_t kSecond = 1'000'000'000;
// Largest first. "ms" stands before "m", so that a reader who compares prefixes takes the longer one.
constexpr std::array<Unit, 6> kUnits = {{{"w", 7 * 86400 * kSecond},
                                         {"d", 86400 * kSecond},
                                         {"h", 3600 * kSecond},
                                         {"ms", 1'000'000},
                                         {"m", 60 * kSecond},
                                         {"s", kSecond}}};
constexpr std::array<Unit, 5> kShown = {
    {{"d", 86400 * kSecond}, {"h", 3600 * kSecond}, {"m", 60 * kSecond}, {"s", kSecond}, {"ms", 1'000'000}}};

absl::Status NotADuration(std::string_view text) {
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a duration; write a number and a unit (ms, s, m, h, d, w), as in 90s, 12h or 1h30m",
      text.substr(0, 40)));
}

absl::Status NotAMoment(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a moment; write 2026-01-31, 2026-01-31T08:05:09Z, or how long ago: 2h, 30d",
                  text.substr(0, 40)));
}

bool TakeNumber(std::string_view& text, std::int64_t& number) {
  number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, text[digits] - '0', &number)) {
      return false;
    }
    ++digits;
  }
  text.remove_prefix(digits);
  return digits != 0;
}

const Unit* TakeUnit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return &unit;
    }
  }
  return nullptr;
}

struct Moment {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

Moment MomentOf(std::int64_t unix_ms) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(unix_ms)));
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss(seconds - day)};
}

std::string Print(const Moment& moment, std::string_view date_mark, std::string_view time_mark) {
  return fmt::format("{:04}{}{:02}{}{:02}T{:02}{}{:02}{}{:02}Z", static_cast<int>(moment.date.year()),
                     date_mark, static_cast<unsigned>(moment.date.month()), date_mark,
                     static_cast<unsigned>(moment.date.day()), moment.time.hours().count(), time_mark,
                     moment.time.minutes().count(), time_mark, moment.time.seconds().count());
}

}  // namespace

absl::StatusOr<Nanos> ParseDuration(std::string_view text) {
  std::string_view rest = text;
  std::int64_t total = 0;
  do {
    std::int64_t number = 0;
    if (!TakeNumber(rest, number)) return NotADuration(text);
    const Unit* unit = TakeUnit(rest);
    if (unit == nullptr || __builtin_mul_overflow(number, unit->nanos, &number) ||
        __builtin_add_overflow(total, number, &total)) {
      return NotADuration(text);
    }
  } while (!rest.empty());
  if (total == 0) return absl::InvalidArgumentError("a duration must be more than zero");
  return Nanos(total);
}

absl::StatusOr<std::optional<Nanos>> ParseLifetime(std::string_view text) {
  if (text == "never") return std::optional<Nanos>();
  absl::StatusOr<Nanos> lifetime = ParseDuration(text);
  if (!lifetime.ok()) return lifetime.status();
  return std::optional<Nanos>(*lifetime);
}

absl::StatusOr<WallTime> ParseMoment(std::string_view text, WallTime now) {
  if (const absl::StatusOr<Nanos> ago = ParseDuration(text); ago.ok()) return now - *ago;
  static const std::regex kForm(
      R"((\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d)))?)");
  std::cmatch parts;
  if (text.size() > 40 || !std::regex_match(text.data(), text.data() + text.size(), parts, kForm))
    return NotAMoment(text);
  const auto number = [&parts](std::size_t at) { return parts[at].matched ? std::stoi(parts[at]) : 0; };
  const std::chrono::year_month_day day(std::chrono::year(number(1)),
                                        std::chrono::month(static_cast<unsigned>(number(2))),
                                        std::chrono::day(static_cast<unsigned>(number(3))));
  // Nanoseconds in 64 bits end in 2262.
  if (!day.ok() || number(1) < 1970 || number(1) > 2261 || number(4) > 23 || number(5) > 59 ||
      number(6) > 60 || number(9) > 23 || number(10) > 59)
    return NotAMoment(text);
  const int offset = (parts[8] == "-" ? -1 : 1) * (number(9) * 60 + number(10));
  std::string fraction = parts[7].str();
  fraction.resize(9, '0');
  return WallTime(std::chrono::sys_days(day)) + std::chrono::hours(number(4)) +
         std::chrono::minutes(number(5) - offset) + std::chrono::seconds(number(6)) +
         Nanos(std::stoll(fraction));
}

std::string DurationText(Nanos duration) {
  std::int64_t left = duration.count();
  std::string text;
  int parts = 0;
  for (const Unit& unit : kShown) {
    const std::int64_t number = left / unit.nanos;
    left %= unit.nanos;
    if (number != 0) text += fmt::format("{}{}{}", text.empty() ? "" : " ", number, unit.name);
    if (parts += (text.empty() ? 0 : 1); parts == 2) break;
  }
  return text.empty() ? "0s" : text;
}

std::string ExactDurationText(Nanos duration) {
  const auto* const unit = std::find_if(kShown.begin(), kShown.end() - 1, [duration](const Unit& each) {
    return duration.count() % each.nanos == 0;
  });
  return fmt::format("{}{}", duration.count() / unit->nanos, unit->name);
}

std::string TimeText(std::int64_t unix_ms) { return Print(MomentOf(unix_ms), "-", ":"); }

std::string CompactTimeText(std::int64_t unix_ms) { return Print(MomentOf(unix_ms), "", ""); }

}  // namespace mcpgate::hosts
