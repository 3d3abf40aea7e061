#include "base/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mcpgate {
namespace {

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    lines.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
  }
  return lines;
}

}  // namespace

std::string CheckpointText(const Checkpoint& checkpoint) {
  std::string text =
      fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, Base64Encode(AsView(checkpoint.root)));
  for (const std::string& line : checkpoint.extensions) text.append(line).append(1, '\n');
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError("not a checkpoint: its text is not origin, size and root in three lines");
  const std::vector<std::string_view> lines = Lines(text);
  if (lines.size() < 3 || lines[0].empty() || !text.ends_with('\n')) return malformed;
  Checkpoint checkpoint{.origin = std::string(lines[0])};
  const std::string_view size = lines[1];
  const auto parsed = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  if (parsed.ec != std::errc() || fmt::format("{}", checkpoint.size) != size) return malformed;
  std::string root;
  if (!Base64Decode(lines[2], root) || root.size() != checkpoint.root.size()) return malformed;
  std::copy(root.begin(), root.end(), checkpoint.root.begin());
  checkpoint.extensions.assign(lines.begin() + 3, lines.end());
  return checkpoint;
}

}  // namespace mcpgate
