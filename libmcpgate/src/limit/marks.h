// What the algorithms that remember each admission share. Marks are sorted, oldest first.
#pragma once

#include <cstdint>
#include <vector>

namespace mcpgate {

/// Pulls marks later than `now` back to it; true when there were any.
bool PullBackMarks(std::vector<std::int64_t>& marks, std::int64_t now);
/// Removes up to `cost` marks equal to `token`.
void RemoveMarks(std::vector<std::int64_t>& marks, std::int64_t token, std::int64_t cost);

}  // namespace mcpgate
