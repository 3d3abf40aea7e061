// File: admin/tickets.h
//
// One-use stand-ins for a key, for browsers: their sockets can send no header, and a key is never part of an
// address.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/gate.h"

namespace mcpgate::admin {

/// Tickets
///
/// In memory, good for thirty seconds, once. Safe for concurrent use.
class Tickets {
 public:
  static constexpr std::chrono::seconds kLife{30};

  explicit Tickets(const Clock& clock) : clock_(clock) {}

  /// 256 random bits that stand for `credentials`. Unavailable: too many are out.
  absl::StatusOr<std::string> Issue(const Credentials& credentials);
  /// What it stands for, without using it up.
  std::optional<Credentials> Look(std::string_view ticket);
  /// And using it up.
  std::optional<Credentials> Take(std::string_view ticket);

 private:
  struct Entry {
    Credentials credentials;
    Nanos until{0};
  };

  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::admin
