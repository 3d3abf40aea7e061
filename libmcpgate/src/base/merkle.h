// File: base/merkle.h
//
// The Merkle tree of RFC 6962, section 2.1, kept in logarithmic space.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "mcpgate/export.h"

namespace mcpgate {

MCPGATE_EXPORT Digest Sha256(std::string_view bytes);
/// The hash of a leaf that holds `entry`.
MCPGATE_EXPORT Digest MerkleLeaf(std::string_view entry);
MCPGATE_EXPORT Digest MerkleNode(const Digest& left, const Digest& right);

/// MerkleRange
///
/// The leaves begin..end-1 of one tree, as the hashes of the fewest whole subtrees that cover them: at most
/// two for each bit of `end`. Ranges that touch join into one, so a part of the log whose entries are gone,
/// or are not to be shown, still counts in the root. Not thread-safe.
class MCPGATE_EXPORT MerkleRange {
 public:
  explicit MerkleRange(std::uint64_t begin = 0) : begin_(begin), end_(begin) {}

  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  void AppendLeaf(const Digest& leaf) { Push({.level = 0, .hash = leaf}); }
  /// False, and nothing is changed, unless `next` begins where this range ends.
  bool Append(const MerkleRange& next);
  /// The root of the tree of `end()` leaves. Only for a range from 0.
  Digest Root() const;

  /// The hashes from left to right; the bounds tell what each covers.
  std::string Pack() const;
  /// nullopt when `hashes` are not as many as a range with these bounds has.
  static std::optional<MerkleRange> Unpack(std::uint64_t begin, std::uint64_t end, std::string_view hashes);

 private:
  struct Subtree {
    int level;  ///< covers 2^level leaves
    Digest hash;
  };
  void Push(const Subtree& subtree);

  std::uint64_t begin_, end_;
  std::vector<Subtree> subtrees_;
};

}  // namespace mcpgate
