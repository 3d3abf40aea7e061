// File: notice.h
//
// What somebody should hear of who is not looking: a budget nearly spent, a key replaced. A notice is kept
// until every place that wants it has it, or has refused it for a day.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// What every outbox holds at most, for how long it remembers what it told, and how far back a place hears of
/// what happened before it first asked.
inline constexpr std::size_t kMaxNotices = 100'000;
inline constexpr Nanos kNoticeMemory = std::chrono::days(40);
inline constexpr Nanos kNoticeNews = std::chrono::hours(24);

struct Notice {
  std::string kind{};  ///< "budget.alert", "key.replaced": a-z, digits, '.', '-' and '_', 1 to 40
  /// While it is remembered, another notice of this kind with this text is not told. Empty: told
  /// always.
  std::string once{};
  std::string tenant{};   ///< whose affair it is; empty: the operator's
  std::string summary{};  ///< one line for people, at most 500 bytes; no secrets
  std::vector<std::pair<std::string, std::string>> fields{};  ///< at most 16, of 500 bytes together each
};
/// InvalidArgument names the member and its bound.
MCPGATE_EXPORT absl::Status ValidateNotice(const Notice& notice);

/// A notice on its way to one place.
struct NoticeParcel {
  std::string id{};  ///< the notice's, the same at every attempt: who receives it twice can tell
  Notice notice{};
  WallTime made{};
  int attempt = 1;  ///< from 1
};
/// {"type": kind, "timestamp": RFC 3339, "data": {"id", "tenant", "summary", and the fields}}
MCPGATE_EXPORT Json NoticeJson(const NoticeParcel& parcel);

/// A parcel that has not been ended.
struct NoticeWaiting {
  std::string place{};
  NoticeParcel parcel{};  ///< `attempt`: how many were begun
  WallTime due{};
};

/// NoticeOutbox
///
/// Every place, named by whoever asks, gets every notice that is news when it first asks, and all later ones.
/// Safe for concurrent use.
class MCPGATE_EXPORT NoticeOutbox {
 public:
  virtual ~NoticeOutbox() = default;
  /// OK when it is kept, or was told before. InvalidArgument as ValidateNotice says; ResourceExhausted when
  /// the outbox is full.
  virtual absl::Status Post(const Notice& notice) = 0;
  /// At most `most` that are due at `place`, those that are due longest first. Nobody else gets them for
  /// `lease`; who does not end them by then gets them again.
  virtual absl::StatusOr<std::vector<NoticeParcel>> Claim(std::string_view place, std::size_t most,
                                                          Nanos lease) = 0;
  /// It arrived, or never will. NotFound when it was ended before.
  virtual absl::Status Finish(std::string_view place, std::string_view id) = 0;
  /// It is due again after `wait`. NotFound when it was ended before.
  virtual absl::Status Defer(std::string_view place, std::string_view id, Nanos wait) = 0;
  /// How many wait at `place`, due or not.
  virtual absl::StatusOr<std::size_t> Count(std::string_view place) = 0;
  /// What waits at the places that have asked so far, the oldest first; at most `most`.
  virtual absl::StatusOr<std::vector<NoticeWaiting>> Waiting(std::size_t most) = 0;
  /// For a place that is no more: what waits there is dropped. Should it ask again, it is new. NotFound when
  /// it never asked.
  virtual absl::Status ForgetPlace(std::string_view place) = 0;
};

/// In this process's memory. `clock` outlives it.
MCPGATE_EXPORT std::unique_ptr<NoticeOutbox> NewMemoryNoticeOutbox(const Clock& clock = Clock::System());

/// NoticePlace
///
/// Somewhere notices go. Used by one thread at a time.
class MCPGATE_EXPORT NoticePlace {
 public:
  virtual ~NoticePlace() = default;
  virtual std::string_view name() const = 0;  ///< constant, and of this place alone
  /// OK: it has arrived. InvalidArgument or PermissionDenied: no attempt will do, it is given up. Anything
  /// else: to be tried again.
  virtual absl::Status Deliver(const NoticeParcel& parcel, std::stop_token stop) = 0;
};

struct NoticeRetry {
  Nanos first = std::chrono::seconds(5);  ///< doubles at every attempt
  Nanos longest = std::chrono::hours(1);
  Nanos give_up = std::chrono::hours(24);  ///< after the notice was made
};

/// What became of those that were due.
struct NoticeRound {
  std::size_t delivered = 0, given_up = 0, deferred = 0;
  std::string problem{};  ///< what the last attempt failed of; empty: it did not
};
/// Claims what is due at `place`, at most eight, and delivers each once. `log` (may be empty) hears of each
/// that is given up.
MCPGATE_EXPORT absl::StatusOr<NoticeRound> DeliverNotices(NoticeOutbox& outbox, NoticePlace& place,
                                                          const NoticeRetry& retry, const Clock& clock,
                                                          const std::function<void(std::string_view)>& log,
                                                          std::stop_token stop = {});

struct NoticeCourierOptions {
  std::shared_ptr<NoticeOutbox> outbox{};
  std::vector<std::shared_ptr<NoticePlace>> places{};  ///< at most 8; a thread each
  NoticeRetry retry{};
  /// How often to look for what other processes have posted.
  Nanos look_every = std::chrono::seconds(5);
  /// One line, no secrets: a place that does not take notices, one that does again, a notice given up or
  /// lost.
  std::function<void(std::string_view)> log{};
  const Clock* clock = &Clock::System();
};

/// How a place is doing, since the courier began.
struct NoticePlaceState {
  std::string place{};
  std::uint64_t delivered = 0, given_up = 0;
  std::uint64_t failed = 0;  ///< attempts that are made again
  std::size_t waiting = 0;   ///< when last looked
};

/// NoticeCourier
///
/// Delivers from an outbox until it dies; what is under way then is tried again by the next. Safe for
/// concurrent use.
class MCPGATE_EXPORT NoticeCourier {
 public:
  /// InvalidArgument: no outbox, too many places, or two of one name.
  static absl::StatusOr<std::unique_ptr<NoticeCourier>> New(NoticeCourierOptions options);
  virtual ~NoticeCourier() = default;
  /// As of the outbox; the places are asked at once.
  virtual absl::Status Post(const Notice& notice) = 0;
  /// Returns at once and posts soon: for the path of a call, where nothing may wait for a disk. At most 256
  /// wait; one more is dropped, and the log says so.
  virtual void PostSoon(Notice notice) = 0;
  /// In the order of NoticeCourierOptions::places. Asks nobody.
  virtual std::vector<NoticePlaceState> Places() const = 0;
};

}  // namespace mcpgate
