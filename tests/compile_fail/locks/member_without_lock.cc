// expect: writing variable 'count_' requires holding mutex 'mutex_'
#include "base/mutex.h"

class Counter {
 public:
  void Add() {
#ifndef MCPGATE_MUST_NOT_COMPILE
    mcpgate::MutexLock lock(mutex_);
#endif
    ++count_;
  }

 private:
  mcpgate::Mutex mutex_;
  int count_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

void Use(Counter& counter) { counter.Add(); }
