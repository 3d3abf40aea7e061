#include "base/merkle.h"

#include <sodium.h>

#include <algorithm>
#include <bit>

namespace mcpgate {
namespace {

// Domain separation (RFC 6962, 2.1): no leaf can pass for a node.
constexpr unsigned char kLeafMark = 0x00, kNodeMark = 0x01;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::uint64_t WidthOf(int level) { return std::uint64_t{1} << level; }

}  // namespace

Digest Sha256(std::string_view bytes) {
  Digest digest;
  crypto_hash_sha256(digest.data(), Bytes(bytes), bytes.size());
  return digest;
}

Digest MerkleLeaf(std::string_view entry) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, &kLeafMark, 1);
  crypto_hash_sha256_update(&state, Bytes(entry), entry.size());
  Digest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

Digest MerkleNode(const Digest& left, const Digest& right) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, &kNodeMark, 1);
  crypto_hash_sha256_update(&state, left.data(), left.size());
  crypto_hash_sha256_update(&state, right.data(), right.size());
  Digest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

// Two neighbours of one size are one subtree if the left one stands where such a subtree begins.
void MerkleRange::Push(const Subtree& subtree) {
  subtrees_.push_back(subtree);
  end_ += WidthOf(subtree.level);
  while (subtrees_.size() >= 2) {
    const Subtree& right = subtrees_.back();
    Subtree& left = subtrees_[subtrees_.size() - 2];
    const std::uint64_t width = WidthOf(right.level) * 2;
    if (left.level != right.level || (end_ - width) % width != 0) return;
    left = {.level = left.level + 1, .hash = MerkleNode(left.hash, right.hash)};
    subtrees_.pop_back();
  }
}

bool MerkleRange::Append(const MerkleRange& next) {
  if (next.begin_ != end_) return false;
  for (const Subtree& subtree : next.subtrees_) Push(subtree);
  return true;
}

Digest MerkleRange::Root() const {
  if (subtrees_.empty()) return Sha256("");
  Digest root = subtrees_.back().hash;
  for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left)
    root = MerkleNode(left->hash, root);
  return root;
}

std::string MerkleRange::Pack() const {
  std::string hashes;
  for (const Subtree& subtree : subtrees_) hashes += AsView(subtree.hash);
  return hashes;
}

std::optional<MerkleRange> MerkleRange::Unpack(std::uint64_t begin, std::uint64_t end,
                                               std::string_view hashes) {
  MerkleRange range(begin);
  while (range.end_ < end) {
    const int room = static_cast<int>(std::bit_width(end - range.end_)) - 1;
    const int level = range.end_ == 0 ? room : std::min(room, std::countr_zero(range.end_));
    if (hashes.size() < sizeof(Digest)) return std::nullopt;
    Subtree subtree{.level = level, .hash = {}};
    std::copy_n(hashes.begin(), sizeof(Digest), subtree.hash.begin());
    hashes.remove_prefix(sizeof(Digest));
    // Not Push: these subtrees are the fewest already.
    range.subtrees_.push_back(subtree);
    range.end_ += WidthOf(level);
  }
  if (begin > end || !hashes.empty()) return std::nullopt;
  return range;
}

}  // namespace mcpgate
