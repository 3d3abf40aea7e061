// What the benchmarks share: medians with spread, rows that read on a terminal and as JSON, and how they end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/json.h"

namespace mcpgate::bench {

using SteadyClock = std::chrono::steady_clock;

inline double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

[[noreturn]] inline void Fail(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) Fail(value.status().ToString());
  return *std::move(value);
}

inline void Must(const absl::Status& status) {
  if (!status.ok()) Fail(status.ToString());
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

/// For --json: into the file that MCPGATE_BENCH_JSON names.
inline void WriteResults(const Json& results) {
  const char* path = std::getenv("MCPGATE_BENCH_JSON");
  if (path == nullptr) return;
  FILE* file = std::fopen(path, "w");
  if (file == nullptr) Fail(std::string("cannot write ") + path);
  std::fprintf(file, "%s\n", DumpJson(results).c_str());
  std::fclose(file);
}

}  // namespace mcpgate::bench
