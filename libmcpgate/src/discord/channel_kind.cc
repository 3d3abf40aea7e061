#include "discord/channel_kind.h"

#include <algorithm>
#include <array>

namespace mcpgate {
namespace {

struct Row {
  std::int64_t type;
  std::string_view name;
  bool takes_messages;
};

constexpr std::array kRows = std::to_array<Row>({
    {0, "text", true},
    {1, "direct_message", true},
    {2, "voice", true},
    {3, "group_direct_message", true},
    {4, "category", false},
    {5, "announcement", true},
    {10, "announcement_thread", true},
    {11, "public_thread", true},
    {12, "private_thread", true},
    {13, "stage", true},
    {14, "directory", false},
    {15, "forum", false},
    {16, "media", false},
});

const Row* Find(std::int64_t type) {
  const auto found =
      std::find_if(kRows.begin(), kRows.end(), [type](const Row& row) { return row.type == type; });
  return found == kRows.end() ? nullptr : &*found;
}

}  // namespace

std::string_view ChannelKindName(std::int64_t type) {
  const Row* row = Find(type);
  return row == nullptr ? "unknown" : row->name;
}

bool TakesMessages(std::int64_t type) {
  const Row* row = Find(type);
  return row != nullptr && row->takes_messages;
}

}  // namespace mcpgate
