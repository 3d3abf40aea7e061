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

// Policies are the operator's; partitions may be a stranger's choice.
std::uint64_t CellTable::HashOf(const LimitCharge& charge) const {
  const SipKey key{sip_key_.k0 ^ SipHash<1, 1>(sip_key_, charge.policy->name), sip_key_.k1};
  return SipHash<1, 3>(key, charge.partition);
}

CellTable::Lock::Lock(CellTable& table, std::span<const LimitCharge> charges)
    : table_(table), count_(charges.size()) {
  for (std::size_t i = 0; i < count_; ++i) {
    const std::uint64_t hash = table_.HashOf(charges[i]);
    locked_[i] = table_.ShardOf(hash);
    seats_[i] = {.charge = &charges[i],
                 .hash = hash,
                 .shard = &table_.shards_[locked_[i]],
                 .cell = nullptr,
                 .made = false};
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

Cell* CellTable::Lock::Find(std::size_t i, std::int64_t now) {
  Seat& seat = seats_[i];
  return FindOwn(seat) != nullptr ? seat.cell : FindOverflow(seat, now);
}

Cell& CellTable::Lock::FindOrMake(std::size_t i, std::int64_t now) {
  Seat& seat = seats_[i];
  if (FindOwn(seat) != nullptr) return *seat.cell;
  const bool full = CellsOf(*seat.shard).size() >= table_.max_in_shard_ && !MakeRoom(*seat.shard, now);
  if (full) {
    LockOverflow();
    now_ = now;
    seat.cell = &table_.overflow_[seat.charge->policy->name];
  } else {
    seat.cell = FindOverflow(seat, now);
  }
  if (seat.cell != nullptr) return *seat.cell;
  seat.cell = &CellsOf(*seat.shard).Insert(NameOf(seat));
  seat.made = true;
  return *seat.cell;
}

void CellTable::Lock::ForgetMade() {
  for (Seat& seat : std::span(seats_).first(count_)) {
    if (!seat.made) continue;
    CellsOf(*seat.shard).Erase(NameOf(seat));
    seat.made = false;
  }
}

CellName CellTable::Lock::NameOf(const Seat& seat) {
  const LimitPolicy& policy = *seat.charge->policy;
  return {.hash = seat.hash,
          .algorithm = policy.algorithm,
          .policy = policy.name,
          .partition = seat.charge->partition};
}

Cell* CellTable::Lock::FindOwn(Seat& seat) {
  if (Cell* own = CellsOf(*seat.shard).Find(NameOf(seat))) seat.cell = own;
  return seat.cell;
}

// The policy's overflow cell while it counts something.
Cell* CellTable::Lock::FindOverflow(const Seat& seat, std::int64_t now) {
  if (!overflow_locked_ && !table_.overflowing_) return nullptr;
  LockOverflow();
  now_ = now;
  const auto shared = table_.overflow_.find(seat.charge->policy->name);
  const bool counts =
      shared != table_.overflow_.end() && (shared->second.fresh_at > now || IsInUse(&shared->second));
  return counts ? &shared->second : nullptr;
}

bool CellTable::Lock::MakeRoom(Shard& shard, std::int64_t now) {
  return CellsOf(shard).EraseOne(kBucketsToSearch,
                                 [&](const Cell& cell) { return cell.fresh_at <= now && !IsInUse(&cell); });
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
