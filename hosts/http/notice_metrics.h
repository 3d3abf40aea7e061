// File: http/notice_metrics.h
#pragma once

#include <string>
#include <vector>

#include "mcpgate/notice.h"

namespace mcpgate::hosts {

/// What became of notices at each place; text format 0.0.4 of Prometheus.
void AppendNoticeMetrics(std::string& out, const std::vector<NoticePlaceState>& places);

}  // namespace mcpgate::hosts
