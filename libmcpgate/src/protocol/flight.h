// File: protocol/flight.h
//
// The part of a running call that others may reach: its cancellation and its deadline.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <utility>

#include "mcpgate/clock.h"

namespace mcpgate {

/// Flight
///
/// Safe for concurrent use.
class Flight {
 public:
  explicit Flight(Nanos deadline) : deadline_(deadline) {}
  /// Cancelled, too, when `gone` is requested.
  Flight(Nanos deadline, std::stop_token gone) : deadline_(deadline) {
    gone_.emplace(std::move(gone), Gone{this});
  }

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
  Nanos deadline() const { return deadline_.load(); }
  /// Time that does not count: the handler waited for its client.
  void Extend(Nanos by) {
    for (Nanos old = deadline_.load(); !deadline_.compare_exchange_weak(old, old + by);) {
    }
  }

 private:
  std::atomic<Nanos> deadline_;
  struct Gone {
    Flight* flight;
    void operator()() const { flight->Cancel(); }
  };

  std::stop_source stop_;
  std::atomic<bool> cancelled_{false};
  std::optional<std::stop_callback<Gone>> gone_;  // last: its end waits for a callback that uses the rest
};

}  // namespace mcpgate
