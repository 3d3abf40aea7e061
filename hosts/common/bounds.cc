#include "common/bounds.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "common/shared_options.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMostThreads = 1'000;  // each of these holds one

std::string VariableOf(const Bound& bound) {
  std::string name(bound.is_for_all ? "MCPGATE_" : "MCPGATE_HTTP_");
  for (const char c : bound.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

absl::StatusOr<Nanos> ReadTime(const std::string& text, const Bound& bound) {
  if (bound.may_be_off && text == "off") return Nanos(0);
  const absl::StatusOr<Nanos> time = ParseDuration(text);
  if (!time.ok() || *time <= bound.longest) return time;
  return absl::InvalidArgumentError(fmt::format("at most {}", DurationText(bound.longest)));
}

CLI::Option* DeclareTime(CLI::App& app, const Bound& bound, Nanos& value) {
  return app
      .add_option_function<std::string>(
          fmt::format("--{}", bound.name),
          [&value, bound](const std::string& text) { value = ReadTime(text, bound).value_or(value); },
          fmt::format("{} [{}]", bound.help, ValueText(bound)))
      ->check(CLI::Validator(
          [bound](const std::string& text) { return Problem(ReadTime(text, bound).status()); }, ""))
      ->type_name(bound.may_be_off ? "DURATION|off" : "DURATION");
}

CLI::Option* DeclareNumber(CLI::App& app, const Bound& bound, std::size_t& value) {
  CLI::Option* const option = app.add_option(fmt::format("--{}", bound.name), value,
                                             fmt::format("{} [{}]", bound.help, ValueText(bound)));
  if (bound.unit == Bound::Unit::kBytes) {
    option->transform(CLI::AsSizeValue(/*kb_is_1000=*/false).description(""));
  }
  return option->check(CLI::Range(bound.least, bound.most).description(""))
      ->type_name(bound.unit == Bound::Unit::kBytes ? "SIZE" : "N");
}

std::string SizeText(std::size_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

}  // namespace

std::string ValueText(const Bound& bound) {
  if (const auto* time = std::get_if<Nanos*>(&bound.value)) {
    return bound.may_be_off && **time == Nanos(0) ? "off" : DurationText(**time);
  }
  const std::size_t number = *std::get<std::size_t*>(bound.value);
  return bound.unit == Bound::Unit::kBytes ? SizeText(number) : std::to_string(number);
}

std::vector<Bound> ServerBounds(SharedOptions& options) {
  constexpr auto kTime = Bound::Unit::kTime;
  constexpr auto kBytes = Bound::Unit::kBytes;
  ServerOptions& server = options.server;
  TaskStoreLimits& kept = options.kept_tasks;
  return {
      {.name = "call-deadline",
       .help = "How long a call may take",
       .value = &server.call_deadline,
       .unit = kTime},
      {.name = "ask-patience",
       .help = "How long a call waits for an answer of its client",
       .value = &server.ask_patience,
       .unit = kTime},
      {.name = "max-asking",
       .help = "Calls that wait for such an answer at once; 0: none may\nask a client of the 2025 era",
       .value = &server.max_asking,
       .least = 0,
       .most = kMostThreads},
      {.name = "max-asking-of-key",
       .help = "The same of one key",
       .value = &server.max_asking_of_key,
       .least = 0},
      {.name = "max-running-tasks",
       .help = "Tasks that run at once; 0: no call becomes a task",
       .value = &server.max_running_tasks,
       .least = 0,
       .most = kMostThreads},
      {.name = "max-tasks", .help = "Tasks that are kept, with their results", .value = &kept.tasks},
      {.name = "max-tasks-of-key", .help = "The same of one key", .value = &kept.tasks_of_owner},
      {.name = "task-bytes", .help = "What kept tasks may take up", .value = &kept.bytes, .unit = kBytes},
      {.name = "task-bytes-of-key",
       .help = "The same of one key",
       .value = &kept.bytes_of_owner,
       .unit = kBytes},
  };
}

void DeclareBounds(CLI::App& app, const std::vector<Bound>& bounds) {
  for (const Bound& bound : bounds) {
    Nanos* const* const time = std::get_if<Nanos*>(&bound.value);
    CLI::Option* const option = time != nullptr
                                    ? DeclareTime(app, bound, **time)
                                    : DeclareNumber(app, bound, *std::get<std::size_t*>(bound.value));
    option->envname(VariableOf(bound))->group("Bounds");
  }
}

}  // namespace mcpgate::hosts
