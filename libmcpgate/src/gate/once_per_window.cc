#include "gate/once_per_window.h"

#include <utility>

namespace mcpgate {

bool OncePerWindow::IsFirst(std::string_view kind, std::string_view name, std::string_view partition,
                            Nanos window) {
  const Nanos now = clock_.Steady();
  std::string thing;
  thing.reserve(kind.size() + name.size() + partition.size() + 2);
  thing.append(kind).append(1, '\n').append(name).append(1, '\n').append(partition);
  MutexLock lock(mutex_);
  if (const auto told = over_at_.find(thing); told != over_at_.end()) {
    if (told->second > now) return false;
    told->second = now + window;
    return true;
  }
  if (over_at_.size() >= kMost)
    std::erase_if(over_at_, [now](const auto& told) { return told.second <= now; });
  if (over_at_.size() >= kMost) return false;
  over_at_.emplace(std::move(thing), now + window);
  return true;
}

}  // namespace mcpgate
