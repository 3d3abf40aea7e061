#include "limit/cell_table.h"

#include <algorithm>
#include <cstring>

#include "base/crypto.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxShards = 128;
constexpr std::size_t kCellsWorthAShard = 64;
constexpr int kBucketsToSearch = 32;  // for a cell to forget, at each newcomer

SipKey RandomSipKey() {
  std::array<std::uint8_t, sizeof(SipKey)> bytes;
  FillRandom(bytes);
  return std::bit_cast<SipKey>(bytes);
}

}  // namespace

CellTable::CellTable(std::size_t max_cells)
    : shard_count_(std::clamp<std::size_t>(max_cells / kCellsWorthAShard, 1, kMaxShards)),
      max_in_shard_(std::max<std::size_t>(max_cells / shard_count_, 1)),
      sip_key_(RandomSipKey()),
      shards_(std::make_unique<Shard[]>(shard_count_)) {}

CellTable::View CellTable::ViewOf(const LimitCharge& charge) const {
  View view{
      .algorithm = charge.policy->algorithm, .policy = charge.policy->name, .partition = charge.partition};
  // Policies are the operator's; partitions may be a stranger's choice.
  const SipKey key{sip_key_.k0 ^ SipHash<1, 1>(sip_key_, view.policy), sip_key_.k1};
  view.hash = SipHash<1, 3>(key, view.partition);
  return view;
}

CellTable::Lock::Lock(CellTable& table, std::span<const LimitCharge> charges)
    : table_(table), count_(charges.size()) {
  for (std::size_t i = 0; i < count_; ++i) {
    seats_[i].view = table_.ViewOf(charges[i]);
    locked_[i] = table_.ShardOf(seats_[i].view);
    seats_[i].shard = &table_.shards_[locked_[i]];
  }
  const auto begin = locked_.begin(), end = begin + static_cast<std::ptrdiff_t>(count_);
  std::sort(begin, end);
  locked_count_ = static_cast<std::size_t>(std::unique(begin, end) - begin);
  for (std::size_t i = 0; i < locked_count_; ++i) table_.shards_[locked_[i]].mutex.lock();
}

CellTable::Lock::~Lock() {
  if (overflow_locked_) {
    table_.overflowing_ = std::any_of(table_.overflow_.begin(), table_.overflow_.end(),
                                      [&](const auto& cell) { return cell.second.fresh_at > now_; });
    table_.overflow_mutex_.unlock();
  }
  for (std::size_t i = locked_count_; i-- > 0;) table_.shards_[locked_[i]].mutex.unlock();
}

CellTable::Cell* CellTable::Lock::Find(std::size_t i, std::int64_t now) {
  Seat& seat = seats_[i];
  return FindOwn(seat) != nullptr ? seat.cell : FindOverflow(seat, now);
}

CellTable::Cell& CellTable::Lock::FindOrMake(std::size_t i, std::int64_t now) {
  Seat& seat = seats_[i];
  if (FindOwn(seat) != nullptr) return *seat.cell;
  const bool full = seat.shard->cells.size() >= table_.max_in_shard_ && !MakeRoom(*seat.shard, now);
  if (full) {
    LockOverflow();
    now_ = now;
    seat.cell = &table_.overflow_[std::string(seat.view.policy)];
  } else {
    seat.cell = FindOverflow(seat, now);
  }
  if (seat.cell != nullptr) return *seat.cell;
  const View& view = seat.view;
  Name name{view.hash, view.algorithm, std::string(view.policy), std::string(view.partition)};
  seat.cell = &seat.shard->cells[std::move(name)];
  seat.made = true;
  return *seat.cell;
}

void CellTable::Lock::ForgetMade() {
  for (Seat& seat : std::span(seats_).first(count_)) {
    if (!seat.made) continue;
    seat.shard->cells.erase(seat.shard->cells.find(seat.view));
    seat.made = false;
  }
}

CellTable::Cell* CellTable::Lock::FindOwn(Seat& seat) {
  const auto own = seat.shard->cells.find(seat.view);
  if (own != seat.shard->cells.end()) seat.cell = &own->second;
  return seat.cell;
}

// The policy's overflow cell while it counts something.
CellTable::Cell* CellTable::Lock::FindOverflow(const Seat& seat, std::int64_t now) {
  if (!overflow_locked_ && !table_.overflowing_) return nullptr;
  LockOverflow();
  now_ = now;
  const auto shared = table_.overflow_.find(seat.view.policy);
  const bool counts =
      shared != table_.overflow_.end() && (shared->second.fresh_at > now || IsInUse(&shared->second));
  return counts ? &shared->second : nullptr;
}

bool CellTable::Lock::MakeRoom(Shard& shard, std::int64_t now) {
  for (int searched = 0; searched < kBucketsToSearch; ++searched) {
    const std::size_t bucket = shard.hand++ % shard.cells.bucket_count();
    for (auto cell = shard.cells.begin(bucket); cell != shard.cells.end(bucket); ++cell) {
      if (cell->second.fresh_at > now || IsInUse(&cell->second)) continue;
      shard.cells.erase(shard.cells.find(cell->first));
      return true;
    }
  }
  return false;
}

bool CellTable::Lock::IsInUse(const Cell* cell) const {
  return std::any_of(seats_.begin(), seats_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [&](const Seat& seat) { return seat.cell == cell; });
}

void CellTable::Lock::LockOverflow() {
  if (!overflow_locked_) table_.overflow_mutex_.lock();
  overflow_locked_ = true;
}

}  // namespace mcpgate
