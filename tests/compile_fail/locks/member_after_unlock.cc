// expect: reading variable 'count_' requires holding mutex 'mutex_'
#include "base/mutex.h"

class Counter {
 public:
  int AwaitOne() {
    mcpgate::CondLock lock(mutex_);
    changed_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return count_ > 0; });
#ifdef MCPGATE_MUST_NOT_COMPILE
    lock.unlock();
#endif
    return count_;
  }

 private:
  mcpgate::CondVar changed_;
  mcpgate::Mutex mutex_;
  int count_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

int Use(Counter& counter) { return counter.AwaitOne(); }
