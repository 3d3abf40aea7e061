// File: transport/stdio/lines.h
//
// Lines out of a stream of bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace mcpgate {

/// LineSplitter
///
/// Splits at 0x0A alone (U+2028 is a legal character of JSON strings), drops a trailing 0x0D and empty lines.
/// A line longer than the bound is reported once and skipped to its end; memory never grows past the bound.
/// Not thread-safe.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  /// Calls `line` for each complete line in the bytes seen so far, and `too_long` for each that had to be
  /// skipped.
  void Feed(std::string_view bytes, const std::function<void(std::string_view)>& line,
            const std::function<void()>& too_long);
  /// The end of input ends the last line too.
  void Finish(const std::function<void(std::string_view)>& line);

 private:
  const std::size_t max_line_;
  std::string partial_;
  bool skipping_ = false;
};

}  // namespace mcpgate
