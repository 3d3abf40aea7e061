// File: common/housekeeping.h
//
// What ended long ago, removed: keys and sessions, tasks that may be forgotten, token files without a
// session.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/clock.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/task_store.h"

namespace mcpgate::hosts {

/// What is kept in order. Everything outlives whoever does it.
struct Household {
  KeyAdmin* keys = nullptr;
  TaskStore* tasks = nullptr;
  AuditSink* audit = nullptr;           ///< is told the ids of what is forgotten, before it is
  std::string token_files{};            ///< their directory; need not be there
  Nanos keep = std::chrono::days(7);    ///< how long keys and sessions stay after their end
  std::string source = "housekeeping";  ///< as the trail names it
  const Clock* clock = &Clock::System();
};

struct Collected {
  std::size_t keys = 0, sessions = 0, tasks = 0, token_files = 0;
  bool is_complete = true;  ///< false: it was told not to go on
};

/// Removes what is over, in batches of at most 100; with `dry_run` only counts it. `go_on` is asked after
/// each batch and may wait; empty: without a pause. Stops at the first error, and leaves nothing half done.
absl::StatusOr<Collected> Collect(const Household& household, bool dry_run,
                                  const std::function<bool()>& go_on = {});

/// Housekeeper
///
/// A thread that collects `first` after its start and then every `period`, with a pause between batches. Says
/// one line when it begins to fail and one when it works again. Safe for concurrent use.
class Housekeeper {
 public:
  struct Options {
    Household household;
    Nanos first = std::chrono::minutes(1);
    Nanos period = std::chrono::hours(1);
    Nanos pause = std::chrono::milliseconds(50);
    std::function<void(std::string_view)> log{};
  };
  explicit Housekeeper(Options options);
  ~Housekeeper() = default;  ///< waits for the batch under way
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void Run(const std::stop_token& stop);
  void Note(const absl::Status& status);

  const Options options_;
  bool failing_ = false;  // the thread's own
  std::jthread thread_;   // last
};

}  // namespace mcpgate::hosts
