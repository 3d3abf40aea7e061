#include "mcpgate/trace_context.h"

#include <algorithm>

namespace mcpgate {
namespace {

constexpr std::size_t kVersionSize = 2, kTraceSize = 32, kParentSize = 16, kFlagsSize = 2;
constexpr std::size_t kSize = kVersionSize + 1 + kTraceSize + 1 + kParentSize + 1 + kFlagsSize;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) { return IsHex(text) && text.find_first_not_of('0') != text.npos; }

}  // namespace

std::string_view TraceIdOf(std::string_view traceparent) {
  // A later version may have more after what this one knows.
  const bool longer =
      traceparent.size() > kSize && traceparent[kSize] == '-' && !traceparent.starts_with("00");
  if (traceparent.size() != kSize && !longer) return {};
  const std::string_view version = traceparent.substr(0, kVersionSize);
  const std::string_view trace = traceparent.substr(kVersionSize + 1, kTraceSize);
  const std::string_view parent = traceparent.substr(kVersionSize + kTraceSize + 2, kParentSize);
  const std::string_view flags = traceparent.substr(kSize - kFlagsSize, kFlagsSize);
  const bool dashed = traceparent[kVersionSize] == '-' && traceparent[kVersionSize + kTraceSize + 1] == '-' &&
                      traceparent[kSize - kFlagsSize - 1] == '-';
  const bool known = IsHex(version) && version != "ff" && IsId(trace) && IsId(parent) && IsHex(flags);
  return dashed && known ? trace : std::string_view();
}

}  // namespace mcpgate
