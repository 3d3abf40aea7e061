// What the benchmarks share: medians with spread, and rows that read on a terminal and as JSON.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "mcpgate/json.h"

namespace mcpgate::bench {

using SteadyClock = std::chrono::steady_clock;

inline double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// The middle of several rounds, with the smallest and the largest.
struct Spread {
  double median = 0, low = 0, high = 0;
};

inline Spread SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

/// One figure: what, how much, and what it must not miss.
inline void Row(const std::string& name, const Spread& spread, const std::string& unit) {
  std::printf("  %-58s %12.1f %-6s (%.1f .. %.1f)\n", name.c_str(), spread.median, unit.c_str(), spread.low,
              spread.high);
  std::fflush(stdout);
}

/// A ratio within this run beside its target; appended to `results` for --json.
inline bool Ratio(Json& results, const std::string& name, double value, const char* relation, double target) {
  const bool met = relation[0] == '<' ? value <= target : value >= target;
  std::printf("  %-58s %12.2f        target %s %.2f: %s\n", name.c_str(), value, relation, target,
              met ? "met" : "MISSED");
  std::fflush(stdout);
  results.push_back(
      {{"ratio", name}, {"value", value}, {"relation", relation}, {"target", target}, {"met", met}});
  return met;
}

}  // namespace mcpgate::bench
