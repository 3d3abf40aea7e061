#include "http/traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/process_facts.h"
#include "http/prometheus.h"

namespace mcpgate::hosts {
namespace {

constexpr std::array<std::string_view, kPathClasses> kPathNames = {"mcp",     "admin", "healthz", "readyz",
                                                                   "metrics", "other", "unread"};

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

void Traffic::Answered(PathClass path, Nanos after) { latency_[static_cast<std::size_t>(path)].Add(after); }

void Traffic::Refused(int code) {
  const auto known = std::find(kCodes.begin(), kCodes.end(), code);
  Add(refused_[static_cast<std::size_t>(known - kCodes.begin())]);
}

void Traffic::ConnectionRefused(HttpRefusal::Reason reason) {
  Add(reason == HttpRefusal::Reason::kHandshake ? handshakes_failed_ : newcomers_waited_);
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
    latency_[path].Append(out, kName, fmt::format("path=\"{}\"", kPathNames[path]));
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

void Traffic::AppendConnections(std::string& out) const {
  constexpr std::string_view kName = "mcpgate_http_connections_refused_total";
  Head(out, kName, "counter",
       "TLS handshakes that failed, and times that newcomers had to wait for a place.");
  Line(out, "{}{{reason=\"tls\"}} {}", kName, handshakes_failed_.load());
  Line(out, "{}{{reason=\"full\"}} {}", kName, newcomers_waited_.load());
}

std::string Traffic::Text(const TrafficGauges& gauges) const {
  std::string out;
  AppendRequests(out);
  AppendLatency(out);
  AppendRefusals(out);
  methods_->Append(out);
  Single(out, "mcpgate_http_requests_in_flight", "gauge", "Requests not answered to their end.",
         in_flight_.load());
  Single(out, "mcpgate_http_streams_open", "gauge", "Streams of server-sent events.", streams_.load());
  Single(out, "mcpgate_http_connections_open", "gauge", "Connections.", gauges.open_connections);
  Single(out, "mcpgate_http_connections_accepted_total", "counter", "Connections since the start.",
         gauges.accepted_connections);
  AppendConnections(out);
  Single(out, "mcpgate_access_log_dropped_total", "counter", "Lines that found the queue full.",
         gauges.dropped_log_lines);
  Single(out, "mcpgate_ready", "gauge", "What /readyz says.", gauges.ready ? 1 : 0);
  AppendProcess(out);
  return out;
}

}  // namespace mcpgate::hosts
