#include "transport/http/head_scan.h"

namespace mcpgate::http {

HeadScan::Found HeadScan::Look(std::string_view bytes) {
  // What does not begin like a method is another protocol (a TLS hello, say) and would not end for a while.
  if (!bytes.empty() && (bytes[0] < '!' || bytes[0] > '~')) return Found::kMalformed;
  for (;;) {
    const std::size_t feed = bytes.find('\n', scanned_);
    if (feed == std::string_view::npos) {
      scanned_ = bytes.size();
      return bytes.size() >= max_bytes_ ? Found::kTooLarge : Found::kNeedMore;
    }
    if (feed == 0 || bytes[feed - 1] != '\r')
      return Found::kMalformed;  // two readers could disagree on a bare LF
    const bool is_empty = feed - line_ == 1;
    // A folded line (RFC 9112, section 5.2) is refused: proxies do not agree on what it means.
    if (lines_ > 0 && (bytes[line_] == ' ' || bytes[line_] == '\t')) return Found::kMalformed;
    line_ = scanned_ = feed + 1;
    if (line_ > max_bytes_) return Found::kTooLarge;
    if (is_empty) return Found::kHead;
    if (++lines_ > max_fields_ + 1) return Found::kTooLarge;
  }
}

}  // namespace mcpgate::http
