#include "common/limit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kPosting = "posting";

absl::Status Malformed(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a limit; write NAME=exact:N/DURATION, NAME=gcra:N/DURATION[:BURST] or "
                  "NAME=off, as in burst=gcra:20/1s:40",
                  text.substr(0, 80)));
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

// Cuts `text` at the first `mark`; the part before it. Without a mark all of it, and nothing is left.
std::string_view TakeUntil(std::string_view& text, char mark) {
  const std::size_t place = text.find(mark);
  const std::string_view head = text.substr(0, place);
  text = place == std::string_view::npos ? std::string_view() : text.substr(place + 1);
  return head;
}

absl::Status ReadRate(std::string_view text, LimitPolicy& policy) {
  const std::optional<std::int64_t> limit = Number(TakeUntil(text, '/'));
  if (!limit.has_value()) {
    return absl::InvalidArgumentError("a limit is written N/DURATION, as in 5/1h or 100/10s");
  }
  absl::StatusOr<Nanos> window = ParseDuration(text);
  if (!window.ok()) return window.status();
  policy.limit = *limit;
  policy.window = *window;
  policy.burst = 0;
  return absl::OkStatus();
}

std::vector<LimitPolicy>::iterator FindLimit(std::vector<LimitPolicy>& limits, std::string_view name) {
  return std::find_if(limits.begin(), limits.end(),
                      [name](const LimitPolicy& policy) { return policy.name == name; });
}

void Put(std::vector<LimitPolicy>& limits, LimitPolicy policy) {
  const auto found = FindLimit(limits, policy.name);
  if (found == limits.end()) {
    limits.push_back(std::move(policy));
  } else {
    *found = std::move(policy);
  }
}

LimitPolicy Existing(std::vector<LimitPolicy>& limits, std::string_view name) {
  const auto found = FindLimit(limits, name);
  return found == limits.end() ? LimitPolicy{.name = std::string(name)} : *found;
}

absl::Status ReadRule(std::string_view rule, LimitPolicy& policy) {
  const std::string_view algorithm = TakeUntil(rule, ':');
  if (algorithm == "exact") {
    policy.algorithm = LimitAlgorithm::kExact;
    return ReadRate(rule, policy);
  }
  if (algorithm != "gcra") return absl::InvalidArgumentError("the algorithm is exact or gcra");
  policy.algorithm = LimitAlgorithm::kGcra;
  const bool has_burst = rule.find(':') != std::string_view::npos;
  const std::string_view rate = TakeUntil(rule, ':');
  if (absl::Status status = ReadRate(rate, policy); !status.ok()) return status;
  if (!has_burst) return absl::OkStatus();
  const std::optional<std::int64_t> burst = Number(rule);
  if (!burst.has_value()) return absl::InvalidArgumentError("the burst is a whole number above zero");
  policy.burst = *burst;
  return absl::OkStatus();
}

}  // namespace

std::vector<LimitPolicy> ShippedLimits() {
  return {PostingLimit(),
          {.name = "burst",
           .algorithm = LimitAlgorithm::kGcra,
           .scope = LimitScope::kKey,
           .limit = 50,
           .window = std::chrono::seconds(1),
           .burst = 100}};
}

absl::Status SetPostingLimit(std::vector<LimitPolicy>& limits, std::string_view text) {
  if (text == "off") {
    std::erase_if(limits, [](const LimitPolicy& policy) { return policy.name == kPosting; });
    return absl::OkStatus();
  }
  LimitPolicy policy = PostingLimit();
  if (absl::Status status = ReadRate(text, policy); !status.ok()) return status;
  if (absl::Status status = ValidateLimitPolicy(policy); !status.ok()) return status;
  Put(limits, std::move(policy));
  return absl::OkStatus();
}

absl::Status SetLimit(std::vector<LimitPolicy>& limits, std::string_view text) {
  std::string_view rule = text;
  const std::string_view name = TakeUntil(rule, '=');
  if (name.empty() || rule.empty()) return Malformed(text);
  if (rule == "off") {
    if (FindLimit(limits, name) == limits.end()) {
      return absl::InvalidArgumentError(fmt::format("there is no limit named '{}' to switch off", name));
    }
    limits.erase(FindLimit(limits, name));
    return absl::OkStatus();
  }
  LimitPolicy policy = Existing(limits, name);
  if (absl::Status status = ReadRule(rule, policy); !status.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} ({})", std::string(Malformed(text).message()), std::string(status.message())));
  }
  if (absl::Status status = ValidateLimitPolicy(policy); !status.ok()) return status;
  Put(limits, std::move(policy));
  return absl::OkStatus();
}

std::string LimitText(const LimitPolicy& policy) {
  return fmt::format("{} in {}", policy.limit, DurationText(policy.window));
}

}  // namespace mcpgate::hosts
