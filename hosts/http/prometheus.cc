#include "http/prometheus.h"

#include <algorithm>
#include <chrono>

namespace mcpgate::hosts {

void Histogram::Add(Nanos span) {
  const double seconds = std::chrono::duration<double>(span).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  buckets_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  const auto nanos = static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 0));
  nanos_.fetch_add(nanos, std::memory_order_relaxed);
}

void Histogram::Append(std::string& out, std::string_view name, std::string_view label) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    sum += buckets_[i];
    Line(out, "{}_bucket{{{},le=\"{}\"}} {}", name, label, kBounds[i], sum);
  }
  sum += buckets_.back();
  Line(out, "{}_bucket{{{},le=\"+Inf\"}} {}", name, label, sum);
  Line(out, "{}_sum{{{}}} {}", name, label, static_cast<double>(nanos_.load()) / 1e9);
  Line(out, "{}_count{{{}}} {}", name, label, sum);
}

}  // namespace mcpgate::hosts
