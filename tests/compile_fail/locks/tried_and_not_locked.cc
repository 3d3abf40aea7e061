// expect: calling function 'MutexLock' requires holding mutex 'mutex_'
#include "base/mutex.h"

class Counter {
 public:
  void TryAdd() {
#ifdef MCPGATE_MUST_NOT_COMPILE
    mutex_.try_lock();
#else
    if (!mutex_.try_lock()) return;
#endif
    mcpgate::MutexLock lock(mutex_, std::adopt_lock);
    ++count_;
  }

 private:
  mcpgate::Mutex mutex_;
  int count_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

void Use(Counter& counter) { counter.TryAdd(); }
