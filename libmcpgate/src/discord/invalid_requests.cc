#include "discord/invalid_requests.h"

#include <algorithm>
#include <vector>

namespace mcpgate {

void InvalidRequests::Record(Nanos now) {
  MutexLock lock(mutex_);
  const std::int64_t number = now / kSlot;
  Slot& slot = slots_[static_cast<std::size_t>(number % kSlots)];
  if (slot.number != number) slot = {number, 0};
  ++slot.count;
}

std::int64_t InvalidRequests::Count(Nanos now) const {
  MutexLock lock(mutex_);
  std::int64_t count = 0;
  for (const Slot& slot : slots_) count += Counts(slot, now) ? slot.count : 0;
  return count;
}

std::optional<Nanos> InvalidRequests::StoppedFor(Nanos now) const {
  MutexLock lock(mutex_);
  std::vector<Slot> counting;
  std::int64_t count = 0;
  for (const Slot& slot : slots_) {
    if (!Counts(slot, now)) continue;
    counting.push_back(slot);
    count += slot.count;
  }
  if (count < kStop) return std::nullopt;
  std::sort(counting.begin(), counting.end(),
            [](const Slot& a, const Slot& b) { return a.number < b.number; });
  for (const Slot& slot : counting) {
    count -= slot.count;
    if (count < kStop) return (slot.number + kSlots) * kSlot - now;
  }
  return std::nullopt;
}

}  // namespace mcpgate
