#include "common/limit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "common/rule_words.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

constexpr std::string_view kPosting = "posting";
constexpr std::string_view kPerKey = "per-key";

absl::Status Malformed(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a limit; write NAME=ALGORITHM:N/DURATION[:BURST][ per SCOPE][ for CLASS]"
                  "[ shadow], NAME=N/DURATION when FIELD=PATTERN or NAME=off, as in burst=gcra:20/1s:40, "
                  "'team=segmented:1000/1h per tenant' or 'burst=90/1s when tenant=acme'",
                  text.substr(0, 80)));
}

absl::Status ReadRate(std::string_view text, LimitPolicy& policy) {
  const std::optional<std::int64_t> limit = PositiveNumber(TakeUntil(text, '/'));
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

constexpr std::array kAlgorithms = {LimitAlgorithm::kExact, LimitAlgorithm::kSegmented, LimitAlgorithm::kGcra,
                                    LimitAlgorithm::kIdleReset, LimitAlgorithm::kConcurrency};

absl::Status ReadAlgorithm(std::string_view name, LimitPolicy& policy) {
  std::string names;
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    if (LimitAlgorithmName(algorithm) == name) {
      policy.algorithm = algorithm;
      return absl::OkStatus();
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", LimitAlgorithmName(algorithm));
  }
  return absl::InvalidArgumentError(fmt::format("the algorithm is one of {}", names));
}

// "per tenant", "for posting", "shadow": words that say more than how often.
absl::Status ReadWords(std::string_view words, LimitPolicy& policy) {
  policy.shadow = false;
  policy.overrides.clear();
  while (!words.empty()) {
    const std::string_view word = TakeUntil(words, ' ');
    if (word == "shadow") {
      policy.shadow = true;
      continue;
    }
    const std::string_view value = TakeUntil(words, ' ');
    if (word == "per") {
      const std::optional<LimitScope> scope = ParseLimitScope(value);
      if (!scope.has_value()) {
        return absl::InvalidArgumentError(
            "after `per` stands global, tenant, team, principal, key, tool, key+tool, address or "
            "failed-auth");
      }
      policy.scope = *scope;
    } else if (word == "for" && !value.empty()) {
      policy.applies_to = value == "all" ? "" : value;
    } else {
      return absl::InvalidArgumentError("after the rate may stand `per SCOPE`, `for CLASS` and `shadow`");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadRule(std::string_view words, LimitPolicy& policy) {
  std::string_view rule = TakeUntil(words, ' ');
  if (absl::Status status = ReadWords(words, policy); !status.ok()) return status;
  if (absl::Status status = ReadAlgorithm(TakeUntil(rule, ':'), policy); !status.ok()) return status;
  if (policy.algorithm != LimitAlgorithm::kGcra) return ReadRate(rule, policy);
  const bool has_burst = rule.find(':') != std::string_view::npos;
  const std::string_view rate = TakeUntil(rule, ':');
  if (absl::Status status = ReadRate(rate, policy); !status.ok()) return status;
  if (!has_burst) return absl::OkStatus();
  const std::optional<std::int64_t> burst = PositiveNumber(rule);
  if (!burst.has_value()) return absl::InvalidArgumentError("the burst is a whole number above zero");
  policy.burst = *burst;
  return absl::OkStatus();
}

std::string* FieldOf(LimitOverride& other, std::string_view name) {
  if (name == "tenant") return &other.tenant;
  if (name == "principal") return &other.principal;
  if (name == "key") return &other.key;
  return name == "tool" ? &other.tool : nullptr;
}

// What stands after `when`: "tenant=acme tool=read_*".
absl::Status ReadPatterns(std::string_view words, LimitOverride& other) {
  do {
    std::string_view pattern = TakeUntil(words, ' ');
    std::string* const field = FieldOf(other, TakeUntil(pattern, '='));
    if (field == nullptr || pattern.empty()) {
      return absl::InvalidArgumentError(
          "after `when` stands tenant=, principal=, key= or tool= with a pattern, in which * is any text");
    }
    *field = pattern;
  } while (!words.empty());
  return absl::OkStatus();
}

bool IsSame(const LimitOverride& a, const LimitOverride& b) {
  return a.tenant == b.tenant && a.principal == b.principal && a.key == b.key && a.tool == b.tool &&
         a.limit == b.limit && a.window == b.window;
}

// Where an operator's numbers go: behind earlier ones, before those that are shipped with the limit.
std::vector<LimitOverride>::iterator PlaceOfNext(LimitPolicy& policy) {
  std::vector<LimitPolicy> limits = ShippedLimits();
  const auto shipped = FindLimit(limits, policy.name);
  if (shipped == limits.end()) return policy.overrides.end();
  const std::vector<LimitOverride>& last = shipped->overrides;
  const bool are_last = policy.overrides.size() >= last.size() &&
                        std::equal(last.begin(), last.end(),
                                   policy.overrides.end() - static_cast<std::ptrdiff_t>(last.size()), IsSame);
  return policy.overrides.end() - static_cast<std::ptrdiff_t>(are_last ? last.size() : 0);
}

// "1000/1m when tenant=acme": other numbers of a limit that is there. Earlier ones come first.
absl::Status AddOverride(std::string_view rate, std::string_view patterns, LimitPolicy& policy) {
  if (policy.limit == 0) {
    return absl::InvalidArgumentError(fmt::format("there is no limit named '{}' to change", policy.name));
  }
  LimitPolicy numbers;
  if (absl::Status status = ReadRate(rate, numbers); !status.ok()) return status;
  LimitOverride other{.limit = numbers.limit, .window = numbers.window};
  if (absl::Status status = ReadPatterns(patterns, other); !status.ok()) return status;
  policy.overrides.insert(PlaceOfNext(policy), std::move(other));
  return absl::OkStatus();
}

// All that may follow `NAME=` but `off`.
absl::Status ReadChange(std::string_view rule, LimitPolicy& policy) {
  constexpr std::string_view kWhen = " when ";
  const std::size_t when = rule.find(kWhen);
  if (when == rule.npos) return ReadRule(rule, policy);
  return AddOverride(rule.substr(0, when), rule.substr(when + kWhen.size()), policy);
}

// A person at the dashboard, or a script at the REST service, asks more often than an agent calls one tool.
std::vector<LimitOverride> ForAdministration(std::int64_t limit) {
  return {{.tool = "admin.*", .limit = limit, .window = std::chrono::minutes(1)},
          {.tool = "self.*", .limit = limit, .window = std::chrono::minutes(1)}};
}

}  // namespace

std::vector<LimitPolicy> ShippedLimits() {
  return {PostingLimit(),
          {.name = std::string(kPerKey),
           .algorithm = LimitAlgorithm::kSegmented,
           .scope = LimitScope::kKey,
           .limit = 100,
           .window = std::chrono::minutes(1),
           .overrides = ForAdministration(600)},
          {.name = "per-tool",
           .algorithm = LimitAlgorithm::kExact,
           .scope = LimitScope::kKeyAndTool,
           .limit = 10,
           .window = std::chrono::minutes(1),
           .overrides = ForAdministration(120)},
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
  if (absl::Status status = ReadChange(rule, policy); !status.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} ({})", std::string(Malformed(text).message()), std::string(status.message())));
  }
  if (absl::Status status = ValidateLimitPolicy(policy); !status.ok()) return status;
  Put(limits, std::move(policy));
  return absl::OkStatus();
}

absl::Status SetKeyRate(std::vector<LimitPolicy>& limits, std::string_view bucket,
                        std::string_view window_ms) {
  LimitPolicy policy = Existing(limits, kPerKey);
  if (policy.limit == 0) return absl::OkStatus();
  const auto read = [](std::string_view name, std::string_view text, auto set) {
    if (text.empty()) return absl::OkStatus();
    const std::optional<std::int64_t> number = PositiveNumber(text);
    if (!number.has_value()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: a whole number above zero is expected, not '{}'", name, text.substr(0, 40)));
    }
    set(*number);
    return absl::OkStatus();
  };
  absl::Status status = read("MCP_RL_BUCKET", bucket, [&](std::int64_t units) { policy.limit = units; });
  status.Update(read("MCP_RL_WINDOW_MS", window_ms, [&](std::int64_t milliseconds) {
    constexpr std::int64_t kMost = std::int64_t{366} * 86'400'000;
    policy.window = std::chrono::milliseconds(std::min(milliseconds, kMost + 1));
  }));
  status.Update(ValidateLimitPolicy(policy));
  if (status.ok()) Put(limits, std::move(policy));
  return status;
}

absl::Status TakeAddressLimits(std::vector<LimitPolicy>& limits, std::optional<LimitPolicy>& requests,
                               std::optional<LimitPolicy>& failures) {
  for (const auto& [scope, place] :
       {std::pair(LimitScope::kAddress, &requests), std::pair(LimitScope::kFailedAuth, &failures)}) {
    const auto is_of_scope = [scope = scope](const LimitPolicy& policy) { return policy.scope == scope; };
    const auto found = std::find_if(limits.begin(), limits.end(), is_of_scope);
    if (found == limits.end()) continue;
    if (std::count_if(limits.begin(), limits.end(), is_of_scope) > 1) {
      return absl::InvalidArgumentError(
          fmt::format("there is one limit per {}, not several", LimitScopeName(scope)));
    }
    if (found->algorithm == LimitAlgorithm::kConcurrency || !found->applies_to.empty() ||
        !found->overrides.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("limit '{}': per {} counts requests, whoever sends them and whatever for, and not what "
                      "runs at once",
                      found->name, LimitScopeName(scope)));
    }
    *place = std::move(*found);
    limits.erase(found);
  }
  return absl::OkStatus();
}

std::vector<std::string> LimitRules(const LimitPolicy& policy) {
  const auto rate = [](std::int64_t limit, Nanos window) {
    return fmt::format("{}/{}", limit, ExactDurationText(window));
  };
  std::string rule = fmt::format("{}={}:{}", policy.name, LimitAlgorithmName(policy.algorithm),
                                 rate(policy.limit, policy.window));
  if (policy.burst > 0) rule += fmt::format(":{}", policy.burst);
  rule += fmt::format(" per {}", LimitScopeName(policy.scope));
  if (!policy.applies_to.empty()) rule += fmt::format(" for {}", policy.applies_to);
  if (policy.shadow) rule += " shadow";
  std::vector<std::string> rules = {std::move(rule)};
  for (const LimitOverride& other : policy.overrides) {
    std::string& text =
        rules.emplace_back(fmt::format("{}={} when", policy.name, rate(other.limit, other.window)));
    for (const auto& [field, pattern] :
         {std::pair("tenant", &other.tenant), std::pair("principal", &other.principal),
          std::pair("key", &other.key), std::pair("tool", &other.tool)}) {
      if (*pattern != "*") text += fmt::format(" {}={}", field, *pattern);
    }
    if (text.ends_with(" when")) text += " tool=*";
  }
  return rules;
}

std::string LimitText(const LimitPolicy& policy) {
  return fmt::format("{} in {}", policy.limit, DurationText(policy.window));
}

}  // namespace mcpgate::hosts
