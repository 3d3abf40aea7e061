#include "limit/cell_map.h"

#include <algorithm>
#include <utility>

namespace mcpgate {

Cell* CellMap::Find(const CellName& name) {
  if (buckets_.empty()) return nullptr;
  Cell* cell = BucketOf(name.hash).get();
  while (cell != nullptr && !cell->Has(name)) cell = cell->next_.get();
  return cell;
}

Cell& CellMap::Insert(const CellName& name) {
  if (size_ >= buckets_.size()) Grow();
  auto cell = std::make_unique<Cell>();
  cell->hash_ = name.hash;
  cell->algorithm_ = name.algorithm;
  cell->policy_ = name.policy;
  cell->partition_ = name.partition;
  Link& bucket = BucketOf(name.hash);
  cell->next_ = std::move(bucket);
  bucket = std::move(cell);
  ++size_;
  return *bucket;
}

void CellMap::Erase(const CellName& name) {
  Link* link = &BucketOf(name.hash);
  while (*link != nullptr && !(*link)->Has(name)) link = &(*link)->next_;
  if (*link != nullptr) Unlink(*link);
}

void CellMap::Unlink(Link& link) {
  const Link gone = std::move(link);
  link = std::move(gone->next_);
  --size_;
}

void CellMap::Grow() {
  constexpr std::size_t kFirstBuckets = 8;
  std::vector<Link> old =
      std::exchange(buckets_, std::vector<Link>(std::max(buckets_.size() * 2, kFirstBuckets)));
  for (Link& chain : old) {
    while (chain != nullptr) {
      Link cell = std::exchange(chain, std::move(chain->next_));
      Link& bucket = BucketOf(cell->hash_);
      cell->next_ = std::move(bucket);
      bucket = std::move(cell);
    }
  }
}

}  // namespace mcpgate
