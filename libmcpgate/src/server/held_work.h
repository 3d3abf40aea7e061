// File: server/held_work.h
//
// Work that was handed to an executor and is not over.
#pragma once

#include <cstddef>
#include <utility>

#include "base/mutex.h"

namespace mcpgate {

/// HeldWork
///
/// Counts what others hold and may still run, so that its owner can wait before it goes: an executor may live
/// longer. Safe for concurrent use.
class HeldWork {
 public:
  /// One piece of work, run or not, until this dies.
  class Piece {
   public:
    explicit Piece(HeldWork& of) : of_(&of) { of.Add(1); }
    Piece(Piece&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    ~Piece() {
      if (of_ != nullptr) of_->Add(-1);
    }
    Piece(const Piece&) = delete;
    Piece& operator=(const Piece&) = delete;

   private:
    HeldWork* of_;
  };

  void AwaitNone() {
    CondLock lock(mutex_);
    while (pieces_ != 0) none_.wait(lock);
  }

 private:
  void Add(int by) {
    MutexLock lock(mutex_);
    pieces_ += by;
    if (pieces_ == 0) none_.notify_all();  // with the lock held: the owner dies once it has seen it
  }

  Mutex mutex_;
  CondVar none_;
  int pieces_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mcpgate
