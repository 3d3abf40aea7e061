// expect: calling function 'AddLocked' requires holding mutex 'mutex_'
#include "base/mutex.h"

class Counter {
 public:
  void Add() {
#ifndef MCPGATE_MUST_NOT_COMPILE
    mcpgate::MutexLock lock(mutex_);
#endif
    AddLocked();
  }

 private:
  void AddLocked() MCPGATE_REQUIRES(mutex_) { ++count_; }

  mcpgate::Mutex mutex_;
  int count_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

void Use(Counter& counter) { counter.Add(); }
