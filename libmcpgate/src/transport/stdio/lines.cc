#include "transport/stdio/lines.h"

#include <utility>

namespace mcpgate {
namespace {

std::string_view WithoutReturn(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

void LineSplitter::Feed(std::string_view bytes, const std::function<void(std::string_view)>& line,
                        const std::function<void()>& too_long) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (!skipping_ && partial_.size() + piece.size() > max_line_) {
      skipping_ = true;
      partial_ = std::string();
      too_long();
    }
    if (end == std::string_view::npos) {
      if (!skipping_) partial_ += piece;
      return;
    }
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    std::string whole;
    std::string_view text = piece;
    if (!partial_.empty()) {
      whole = std::move(partial_);
      partial_.clear();
      whole += piece;
      text = whole;
    }
    text = WithoutReturn(text);
    if (!text.empty()) line(text);
  }
}

void LineSplitter::Finish(const std::function<void(std::string_view)>& line) {
  const std::string last = std::move(partial_);
  partial_.clear();
  const std::string_view text = WithoutReturn(last);
  if (!text.empty()) line(text);
}

}  // namespace mcpgate
