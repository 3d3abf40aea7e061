// File: http/prometheus.h
//
// The text format 0.0.4 of Prometheus.
#pragma once

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "mcpgate/clock.h"

namespace mcpgate::hosts {

template <typename... Args>
void Line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

inline void Head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  Line(out, "# HELP {} {}", name, help);
  Line(out, "# TYPE {} {}", name, type);
}

template <typename T>
void Single(std::string& out, std::string_view name, std::string_view type, std::string_view help, T value) {
  Head(out, name, type, help);
  Line(out, "{} {}", name, value);
}

/// Histogram
///
/// Of durations. Safe for concurrent use; counting takes no lock.
class Histogram {
 public:
  static constexpr std::array<double, 14> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,    0.25,  0.5,    1,     2.5,  5,     10};

  void Add(Nanos span);
  /// Its lines; `label` is one pair, path="mcp".
  void Append(std::string& out, std::string_view name, std::string_view label) const;
  bool empty() const { return nanos_.load(std::memory_order_relaxed) == 0; }

 private:
  using Counter = std::atomic<std::uint64_t>;
  std::array<Counter, kBounds.size() + 1> buckets_{};  // the last one: slower than every bound
  Counter nanos_{0};
};

}  // namespace mcpgate::hosts
