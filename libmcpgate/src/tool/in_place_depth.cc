#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "tool/schema_compiler.h"
#include "tool/violation_text.h"

namespace mcpgate {
namespace {

// Depth-first, with the height of every finished node kept. A path longer than the bound is an answer by
// itself, so the recursion is no deeper than the bound, cycles included.
class HeightSurvey {
 public:
  explicit HeightSurvey(std::size_t max_depth) : max_depth_(max_depth) {}

  std::size_t HeightOf(const SchemaNode& node, std::size_t depth) {
    if (const auto known = heights_.find(&node); known != heights_.end()) return known->second;
    if (depth > max_depth_) return depth;
    std::vector<const SchemaNode*> next;
    for (const auto& check : node.checks) check->AppendInPlace(next);
    std::size_t height = 1;
    for (const SchemaNode* other : next) {
      height = std::max(height, 1 + HeightOf(*other, depth + 1));
      if (height > max_depth_) return height;
    }
    heights_.emplace(&node, height);
    return height;
  }

 private:
  const std::size_t max_depth_;
  std::unordered_map<const SchemaNode*, std::size_t> heights_;
};

}  // namespace

absl::Status CheckInPlaceDepth(const SchemaGraph& graph, std::size_t max_depth) {
  HeightSurvey survey(max_depth);
  for (const SchemaNode& node : graph.nodes) {
    if (survey.HeightOf(node, 1) <= max_depth) continue;
    return absl::InvalidArgumentError(
        fmt::format("the schema at {} asks more than {} subschemas about one value, each inside the last; "
                    "references that lead back to themselves do so without end",
                    node.place.empty() ? "the top level" : Shorten(node.place, 300), max_depth));
  }
  return absl::OkStatus();
}

}  // namespace mcpgate
