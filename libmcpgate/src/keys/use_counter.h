// Uses of keys, counted where they are verified and written down later.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "keys/key_book.h"
#include "keys/verified_cache.h"

namespace mcpgate {

/// UseCounter
///
/// A use costs one addition; the first since the last writing also puts the key on a list, which then keeps
/// it, so that no count is lost with the cache. A thread, started by the first use, writes every 30 seconds,
/// and the destructor once more. Safe for concurrent use.
class UseCounter {
 public:
  /// `book` outlives it.
  explicit UseCounter(const KeyBook& book) : book_(book) {}
  ~UseCounter();
  UseCounter(const UseCounter&) = delete;
  UseCounter& operator=(const UseCounter&) = delete;

  void Note(const std::shared_ptr<const VerifiedKey>& key) {
    if (key->uses.fetch_add(1, std::memory_order_relaxed) == 0) Remember(key);
  }
  /// Writes what was counted so far. What the store does not take is kept for the next time.
  absl::Status Flush();

 private:
  void Remember(std::shared_ptr<const VerifiedKey> key);
  void Fold() MCPGATE_REQUIRES(mutex_);
  void Run();

  const KeyBook& book_;
  Mutex mutex_;
  std::vector<std::shared_ptr<const VerifiedKey>> used_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::string, std::int64_t> sums_ MCPGATE_GUARDED_BY(mutex_);  ///< by id; not written yet
  bool stopping_ MCPGATE_GUARDED_BY(mutex_) = false;
  CondVar wake_;
  std::thread thread_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
