#include "http/notice_metrics.h"

#include "http/prometheus.h"

namespace mcpgate::hosts {

void AppendNoticeMetrics(std::string& out, const std::vector<NoticePlaceState>& places) {
  const auto append = [&](const char* name, const char* type, const char* help, auto value) {
    Head(out, name, type, help);
    for (const NoticePlaceState& place : places)
      Line(out, "{}{{place=\"{}\"}} {}", name, place.place, place.*value);
  };
  append("mcpgate_notices_delivered_total", "counter", "Notices that arrived.", &NoticePlaceState::delivered);
  append("mcpgate_notices_given_up_total", "counter", "Notices that were refused for good or for a day.",
         &NoticePlaceState::given_up);
  append("mcpgate_notice_failures_total", "counter", "Attempts that failed and are made again.",
         &NoticePlaceState::failed);
  append("mcpgate_notices_waiting", "gauge", "Notices that are still to arrive.", &NoticePlaceState::waiting);
}

}  // namespace mcpgate::hosts
