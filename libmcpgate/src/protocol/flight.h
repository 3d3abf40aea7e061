// File: protocol/flight.h
//
// The part of a running call that others may reach: its cancellation and its deadline.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>

#include "mcpgate/clock.h"

namespace mcpgate {

/// Flight
///
/// Safe for concurrent use.
class Flight {
 public:
  explicit Flight(Nanos deadline) : deadline_(deadline) {}

  /// Asks the handler to stop, and leaves the call without an answer.
  void Cancel() {
    cancelled_ = true;
    stop_.request_stop();
  }
  /// Asks the handler to stop because its time is up; the call is still answered.
  void Expire() { stop_.request_stop(); }

  bool cancelled() const { return cancelled_; }
  std::stop_token stop_token() const { return stop_.get_token(); }
  /// On Clock::Steady().
  Nanos deadline() const { return deadline_; }

 private:
  const Nanos deadline_;
  std::stop_source stop_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace mcpgate
