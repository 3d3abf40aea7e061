// File: common/notices.h
//
// What a host tells somebody who is not looking.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/notice_places.h"
#include "common/store.h"
#include "mcpgate/gate.h"
#include "mcpgate/ledger.h"
#include "mcpgate/notice.h"

namespace mcpgate::hosts {

/// Notices
///
/// With places it delivers what any process on the data directory has posted, and looks every day for keys
/// that end soon. Without one it posts, for a process that has some. Safe for concurrent use.
class Notices {
 public:
  using Log = std::function<void(std::string_view)>;

  /// `store` outlives it. `log` may be empty.
  static absl::StatusOr<std::unique_ptr<Notices>> New(NoticePlaces places, Store& store, Log log);

  /// Waits for the disk.
  void Tell(const BudgetAlert& alert);
  /// Returns at once; for limits that come near. Without places it does nothing: they come often.
  void TellSoon(const LimitEvent& event);
  std::vector<NoticePlaceState> Places() const;

 private:
  Notices(SqliteStorage& storage, Log log) : storage_(storage), log_(std::move(log)) {}
  absl::Status Deliver(NoticePlaces places);
  absl::Status Post(const Notice& notice);
  bool IsNews(const Notice& notice, WallTime now);
  void Say(std::string_view what, const absl::Status& status) const;

  SqliteStorage& storage_;
  const Log log_;
  std::unique_ptr<NoticeCourier> courier_;  // null without places
  Mutex mutex_;
  WallTime day_ MCPGATE_GUARDED_BY(mutex_){};
  std::set<std::string> told_today_ MCPGATE_GUARDED_BY(mutex_);  // of limits
  std::jthread watch_;                                           // last, so that it ends first
};

}  // namespace mcpgate::hosts
