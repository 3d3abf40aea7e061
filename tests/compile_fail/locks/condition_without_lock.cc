// expect: reading variable 'count_' requires holding mutex 'mutex_'
#include "base/mutex.h"

class Counter {
 public:
  void AwaitOne() {
    mcpgate::CondLock lock(mutex_);
#ifdef MCPGATE_MUST_NOT_COMPILE
    changed_.wait(lock, [this] { return count_ > 0; });
#else
    changed_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return count_ > 0; });
#endif
  }

 private:
  mcpgate::CondVar changed_;
  mcpgate::Mutex mutex_;
  int count_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

void Use(Counter& counter) { counter.AwaitOne(); }
