#include "http/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "http/process_facts.h"

namespace mcpgate::hosts {
namespace {

constexpr std::array<std::string_view, kPathClasses> kPathNames = {"mcp", "healthz", "readyz", "metrics",
                                                                   "other"};

template <typename... Args>
void Line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

void Head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  Line(out, "# HELP {} {}", name, help);
  Line(out, "# TYPE {} {}", name, type);
}

template <typename T>
void Single(std::string& out, std::string_view name, std::string_view type, std::string_view help, T value) {
  Head(out, name, type, help);
  Line(out, "{} {}", name, value);
}

void AppendProcess(std::string& out) {
  const ProcessFacts facts = ReadProcessFacts();
  Single(out, "process_resident_memory_bytes", "gauge", "Memory in use.", facts.resident_bytes);
  Single(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.", facts.cpu_seconds);
  Single(out, "process_start_time_seconds", "gauge", "When the process began, Unix time.",
         facts.start_seconds);
}

}  // namespace

std::string_view PathClassName(PathClass path) { return kPathNames[static_cast<std::size_t>(path)]; }

void Traffic::Finished(PathClass path, int status) {
  const int hundreds = std::clamp(status / 100, 1, 5);
  Add(finished_[static_cast<std::size_t>(path)][static_cast<std::size_t>(hundreds - 1)]);
  Add(in_flight_, -1);
}

void Traffic::Answered(PathClass path, Nanos after) {
  Latency& latency = latency_[static_cast<std::size_t>(path)];
  const double seconds = std::chrono::duration<double>(after).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  Add(latency.buckets[static_cast<std::size_t>(bound - kBounds.begin())]);
  Add(latency.nanos, static_cast<std::uint64_t>(std::max<std::int64_t>(after.count(), 0)));
}

void Traffic::Refused(int code) {
  const auto known = std::find(kCodes.begin(), kCodes.end(), code);
  Add(refused_[static_cast<std::size_t>(known - kCodes.begin())]);
}

void Traffic::AppendRequests(std::string& out) const {
  constexpr std::string_view kName = "mcpgate_http_requests_total";
  Head(out, kName, "counter", "Requests that ended, by what they asked for and the class of the status.");
  for (std::size_t path = 0; path < kPathClasses; ++path) {
    for (std::size_t hundreds = 0; hundreds < 5; ++hundreds) {
      if (const std::uint64_t count = finished_[path][hundreds]; count > 0) {
        Line(out, "{}{{path=\"{}\",status=\"{}xx\"}} {}", kName, kPathNames[path], hundreds + 1, count);
      }
    }
  }
}

void Traffic::AppendLatency(std::string& out) const {
  constexpr std::string_view kName = "mcpgate_http_request_duration_seconds";
  Head(out, kName, "histogram", "From the whole request to the beginning of its answer.");
  for (std::size_t path = 0; path < kPathClasses; ++path) {
    const Latency& latency = latency_[path];
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      sum += latency.buckets[i];
      Line(out, "{}_bucket{{path=\"{}\",le=\"{}\"}} {}", kName, kPathNames[path], kBounds[i], sum);
    }
    sum += latency.buckets.back();
    Line(out, "{}_bucket{{path=\"{}\",le=\"+Inf\"}} {}", kName, kPathNames[path], sum);
    Line(out, "{}_sum{{path=\"{}\"}} {}", kName, kPathNames[path],
         static_cast<double>(latency.nanos.load()) / 1e9);
    Line(out, "{}_count{{path=\"{}\"}} {}", kName, kPathNames[path], sum);
  }
}

void Traffic::AppendRefusals(std::string& out) const {
  constexpr std::string_view kName = "mcpgate_http_refusals_total";
  Head(out, kName, "counter", "Answers that say no, by the refusal's code or the HTTP status.");
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (const std::uint64_t count = refused_[i]; count > 0) {
      Line(out, "{}{{code=\"{}\"}} {}", kName, kCodes[i], count);
    }
  }
  Line(out, "{}{{code=\"other\"}} {}", kName, refused_.back().load());
}

std::string Traffic::Text(const TrafficGauges& gauges) const {
  std::string out;
  AppendRequests(out);
  AppendLatency(out);
  AppendRefusals(out);
  Single(out, "mcpgate_http_requests_in_flight", "gauge", "Requests not answered to their end.",
         in_flight_.load());
  Single(out, "mcpgate_http_streams_open", "gauge", "Streams of server-sent events.", streams_.load());
  Single(out, "mcpgate_http_connections_open", "gauge", "Connections.", gauges.open_connections);
  Single(out, "mcpgate_http_connections_accepted_total", "counter", "Connections since the start.",
         gauges.accepted_connections);
  Single(out, "mcpgate_access_log_dropped_total", "counter", "Lines that found the queue full.",
         gauges.dropped_log_lines);
  Single(out, "mcpgate_ready", "gauge", "What /readyz says.", gauges.ready ? 1 : 0);
  AppendProcess(out);
  return out;
}

}  // namespace mcpgate::hosts
