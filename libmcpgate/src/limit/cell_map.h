// One shard's cells by name: chained, so that a cell stays where it is, and laid out so that finding one
// costs as few cache misses as it can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/limit_rules.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {

/// Whose counter it is. Views, as it is looked up; `hash` covers the texts.
struct CellName {
  std::uint64_t hash = 0;
  LimitAlgorithm algorithm{};
  std::string_view policy, partition;
};

struct Cell {
  std::int64_t fresh_at = std::numeric_limits<std::int64_t>::min();  ///< from then on nothing counts
  LimitCell state;

 private:
  friend class CellMap;
  bool Has(const CellName& name) const {
    return hash_ == name.hash && algorithm_ == name.algorithm && partition_ == name.partition &&
           policy_ == name.policy;
  }

  std::uint64_t hash_ = 0;
  std::unique_ptr<Cell> next_;
  std::string partition_, policy_;
  LimitAlgorithm algorithm_{};
};

/// CellMap
///
/// Not thread-safe; its shard's lock rules it.
class CellMap {
 public:
  std::size_t size() const { return size_; }
  Cell* Find(const CellName& name);
  /// `name` has no cell yet.
  Cell& Insert(const CellName& name);
  /// `name` has a cell.
  void Erase(const CellName& name);
  /// Looks through the next `buckets` buckets and erases the first cell that `may_go`; false when none may.
  template <typename Predicate>
  bool EraseOne(int buckets, Predicate may_go);

 private:
  using Link = std::unique_ptr<Cell>;

  Link& BucketOf(std::uint64_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  void Unlink(Link& link);
  void Grow();

  std::vector<Link> buckets_;  // a power of two of them
  std::size_t size_ = 0;
  std::size_t hand_ = 0;  // the bucket that EraseOne looks at next
};

template <typename Predicate>
bool CellMap::EraseOne(int buckets, Predicate may_go) {
  for (; buckets > 0 && size_ > 0; --buckets) {
    for (Link* link = &buckets_[hand_++ % buckets_.size()]; *link != nullptr; link = &(*link)->next_) {
      if (!may_go(**link)) continue;
      Unlink(*link);
      return true;
    }
  }
  return false;
}

}  // namespace mcpgate
