#include "limit/marks.h"

#include <algorithm>

namespace mcpgate {

bool PullBackMarks(std::vector<std::int64_t>& marks, std::int64_t now) {
  if (marks.empty() || marks.back() <= now) return false;
  std::fill(std::upper_bound(marks.begin(), marks.end(), now), marks.end(), now);
  return true;
}

void RemoveMarks(std::vector<std::int64_t>& marks, std::int64_t token, std::int64_t cost) {
  const auto [first, last] = std::equal_range(marks.begin(), marks.end(), token);
  marks.erase(first, first + std::min<std::int64_t>(cost, last - first));
}

}  // namespace mcpgate
