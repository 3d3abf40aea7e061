#include "common/job_ttl.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <string_view>

#include "common/data_directory.h"
#include "common/shared_options.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr char kAlias[] = "MCP_JOB_TTL_MS";
constexpr Nanos kUsual = std::chrono::days(7);
constexpr std::int64_t kLongestMillis =
    std::int64_t{100} * 366 * 86'400'000;  // sums of times must not overflow

absl::StatusOr<std::optional<Nanos>> ReadMillis(std::string_view text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && number > 0 && number <= kLongestMillis)
    return std::chrono::milliseconds(number);
  return absl::InvalidArgumentError(
      fmt::format("{}: a number of milliseconds is expected, not '{}'", kAlias, text.substr(0, 40)));
}

}  // namespace

void DeclareJobTtl(CLI::App& app, std::string& text) {
  app.add_option("--job-ttl", text, "How long keys and sessions that ended are kept, or off: for\ngood [7d]")
      ->envname("MCPGATE_JOB_TTL")
      ->check(
          CLI::Validator([](const std::string& value) { return Problem(ReadJobTtl(value).status()); }, ""))
      ->type_name("DURATION|off");
}

absl::StatusOr<std::optional<Nanos>> ReadJobTtl(const std::string& text) {
  if (text == "off") return std::optional<Nanos>();
  if (text.empty()) {
    const std::string alias = Environment(kAlias);
    return alias.empty() ? std::optional<Nanos>(kUsual) : ReadMillis(alias);
  }
  const absl::StatusOr<Nanos> duration = ParseDuration(text);
  if (!duration.ok()) return duration.status();
  if (*duration > std::chrono::milliseconds(kLongestMillis))
    return absl::InvalidArgumentError("at most 100 years, or off");
  return std::optional<Nanos>(*duration);
}

}  // namespace mcpgate::hosts
