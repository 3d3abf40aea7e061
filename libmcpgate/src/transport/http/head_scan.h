// File: transport/http/head_scan.h
//
// Finds the end of a request's head while it arrives, so that the parser sees it whole and its bounds hold
// whatever the parser thinks of it.
#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgate::http {

/// Not thread-safe.
class HeadScan {
 public:
  enum class Found { kNeedMore, kHead, kMalformed, kTooLarge };

  HeadScan(std::size_t max_bytes, std::size_t max_fields) : max_bytes_(max_bytes), max_fields_(max_fields) {}

  /// `bytes` begins with the head, and with what an earlier call saw. Each byte is looked at once.
  Found Look(std::string_view bytes);
  /// Request line, fields and the empty line, once they are found.
  std::size_t size() const { return line_; }
  bool IsAtStart() const { return scanned_ == 0; }
  void Reset() { line_ = scanned_ = lines_ = 0; }

 private:
  const std::size_t max_bytes_, max_fields_;
  std::size_t line_ = 0;     // where the current line begins
  std::size_t scanned_ = 0;  // no line feed from line_ to here
  std::size_t lines_ = 0;
};

}  // namespace mcpgate::http
