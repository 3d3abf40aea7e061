// File: audit/line_chain.h
//
// Lines that hang together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// Where a chain of lines stands: its last number and hash.
struct LinePlace {
  std::uint64_t seq = 0;
  Digest hash{};
  bool operator==(const LinePlace&) const = default;
};

/// LineChain
///
/// Immutable; safe for concurrent use.
class LineChain {
 public:
  explicit LineChain(const Secret& key) : key_(key) {}

  /// The first line of a file, with its line end.
  std::string HeaderOf(const LinePlace& place) const;
  /// The line of `body` after `place`, which moves on to it.
  std::string LineOf(std::string_view body, LinePlace& place) const;

  /// False when the text is not a header of ours.
  bool ReadHeader(std::string_view line, LinePlace& place) const;
  /// False when the text is not the line after `place`; else `place` moves on to it.
  bool ReadLine(std::string_view line, LinePlace& place) const;

 private:
  Digest HashAfter(const LinePlace& place, std::string_view body) const;
  Digest MacOf(const LinePlace& place) const;

  const Secret key_;
};

}  // namespace mcpgate
