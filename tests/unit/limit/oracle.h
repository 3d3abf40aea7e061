// What each algorithm promises, written as plainly as possible: every unit ever admitted is remembered and a
// question is answered by counting. Nothing here is shared with the library's code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "mcpgate/rate_limiter.h"

namespace mcpgate::testing {

__extension__ using Wide = __int128;

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Not thread-safe.
class LimitOracle {
 public:
  explicit LimitOracle(const LimitPolicy& policy)
      : limit_(policy.limit),
        window_(policy.window.count()),
        capacity_(policy.burst > 0 ? policy.burst : policy.limit) {}
  virtual ~LimitOracle() = default;

  /// Whether `cost` more units would be admitted at `now` if nobody came in between.
  virtual bool Fits(std::int64_t now, std::int64_t cost) const = 0;
  /// Whether nothing counts any more at `now`.
  virtual bool IsFresh(std::int64_t now) const = 0;
  /// The clock shows `now`, which may be earlier than before.
  virtual void Look(std::int64_t now) = 0;
  virtual void Charge(std::int64_t now, std::int64_t cost, int ticket) = 0;
  virtual void Return(std::int64_t now, int ticket) = 0;
  /// Moments after `now` at which an answer may change.
  virtual std::vector<std::int64_t> Moments(std::int64_t now) const = 0;

  /// The first moment from `now` on at which `holds` is true.
  template <typename Predicate>
  std::int64_t FirstMoment(std::int64_t now, Predicate holds) const {
    if (holds(now)) return now;
    std::int64_t first = kNever;
    for (const std::int64_t at : Moments(now)) {
      if (at > now && at < first && holds(at)) first = at;
    }
    return first;
  }
  std::int64_t RetryAfter(std::int64_t now, std::int64_t cost) const {
    const std::int64_t at = FirstMoment(now, [&](std::int64_t t) { return Fits(t, cost); });
    return at == kNever ? kNever : at - now;
  }
  std::int64_t FullAgain(std::int64_t now) const {
    return FirstMoment(now, [&](std::int64_t t) { return IsFresh(t); }) - now;
  }
  std::int64_t Remaining(std::int64_t now) const {
    std::int64_t fits = 0, does_not = capacity_ + 1;
    while (does_not - fits > 1) {
      const std::int64_t middle = (fits + does_not) / 2;
      (Fits(now, middle) ? fits : does_not) = middle;
    }
    return fits;
  }

 protected:
  const std::int64_t limit_, window_, capacity_;
};

/// Units with the time and the call that brought them.
class UnitOracle : public LimitOracle {
 public:
  using LimitOracle::LimitOracle;
  void Look(std::int64_t now) override {
    for (Unit& unit : units_) unit.at = std::min(unit.at, now);
  }
  void Charge(std::int64_t now, std::int64_t cost, int ticket) override {
    for (std::int64_t i = 0; i < cost; ++i) units_.push_back({now, ticket});
  }
  void Return(std::int64_t, int ticket) override {
    std::erase_if(units_, [&](const Unit& unit) { return unit.ticket == ticket; });
  }
  std::vector<std::int64_t> Moments(std::int64_t) const override {
    std::vector<std::int64_t> moments;
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const Unit& unit : units_) {
      if (unit.at == last) continue;
      last = unit.at;
      for (int delta = -1; delta <= 2; ++delta) moments.push_back(unit.at + window_ + delta);
    }
    return moments;
  }

 protected:
  struct Unit {
    std::int64_t at;
    int ticket;
  };
  std::vector<Unit> units_;
};

class ExactOracle : public UnitOracle {
 public:
  using UnitOracle::UnitOracle;
  bool Fits(std::int64_t now, std::int64_t cost) const override { return Count(now) + cost <= limit_; }
  bool IsFresh(std::int64_t now) const override { return Count(now) == 0; }
  // A charge forgets what no longer counts: it does not count again when the clock is set back.
  void Charge(std::int64_t now, std::int64_t cost, int ticket) override {
    std::erase_if(units_, [&](const Unit& unit) { return unit.at <= now - window_; });
    UnitOracle::Charge(now, cost, ticket);
  }

 private:
  // Units in the half-open interval (now - W, now].
  std::int64_t Count(std::int64_t now) const {
    return std::count_if(units_.begin(), units_.end(),
                         [&](const Unit& unit) { return unit.at > now - window_ && unit.at <= now; });
  }
};

class IdleResetOracle : public UnitOracle {
 public:
  using UnitOracle::UnitOracle;
  bool Fits(std::int64_t now, std::int64_t cost) const override { return Count(now) + cost <= limit_; }
  bool IsFresh(std::int64_t now) const override { return Count(now) == 0; }
  void Charge(std::int64_t now, std::int64_t cost, int ticket) override {
    if (Count(now) == 0) units_.clear();
    UnitOracle::Charge(now, cost, ticket);
  }

 private:
  std::int64_t Count(std::int64_t now) const {
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const Unit& unit : units_) last = std::max(last, unit.at);
    return units_.empty() || now - last > window_ ? 0 : static_cast<std::int64_t>(units_.size());
  }
};

/// The window in cells; a unit counts as long as any moment of its cell lies in the window.
class SegmentedOracle : public UnitOracle {
 public:
  using UnitOracle::UnitOracle;
  bool Fits(std::int64_t now, std::int64_t cost) const override { return Count(now) + cost <= limit_; }
  bool IsFresh(std::int64_t now) const override { return Count(now) == 0; }
  void Look(std::int64_t now) override {
    const bool set_back = std::any_of(units_.begin(), units_.end(),
                                      [&](const Unit& unit) { return CellOf(unit.at) > CellOf(now); });
    UnitOracle::Look(now);
    if (set_back) Forget(now);
  }
  void Charge(std::int64_t now, std::int64_t cost, int ticket) override {
    Forget(now);
    UnitOracle::Charge(now, cost, ticket);
  }
  std::vector<std::int64_t> Moments(std::int64_t) const override {
    std::vector<std::int64_t> moments;
    for (const Unit& unit : units_) {
      const std::int64_t over = CellOf(unit.at) * length_ + window_;
      if (!moments.empty() && moments.back() == over + 1) continue;
      for (int delta = -1; delta <= 1; ++delta) moments.push_back(over + delta);
    }
    return moments;
  }

 private:
  // Cell i holds the moments after (i - 1) * length up to i * length. Times are positive.
  std::int64_t CellOf(std::int64_t at) const { return (at + length_ - 1) / length_; }
  bool Counts(const Unit& unit, std::int64_t now) const { return CellOf(unit.at) * length_ > now - window_; }
  void Forget(std::int64_t now) {
    std::erase_if(units_, [&](const Unit& unit) { return !Counts(unit, now); });
  }
  std::int64_t Count(std::int64_t now) const {
    return std::count_if(units_.begin(), units_.end(), [&](const Unit& unit) { return Counts(unit, now); });
  }

  const std::int64_t length_ = (window_ + 63) / 64;
};

/// A bucket that leaks: the level is counted in units times the window, so that it leaks exactly `limit` of
/// these each nanosecond and there is nothing to divide.
class GcraOracle : public LimitOracle {
 public:
  using LimitOracle::LimitOracle;
  bool Fits(std::int64_t now, std::int64_t cost) const override {
    return Level(now) + Wide(cost) * window_ <= Full();
  }
  bool IsFresh(std::int64_t now) const override { return Level(now) == 0; }
  void Look(std::int64_t now) override {
    if (LevelUnbounded(now) > Full()) level_ = Full(), at_ = now;
  }
  void Charge(std::int64_t now, std::int64_t cost, int ticket) override {
    level_ = Level(now) + Wide(cost) * window_;
    at_ = now;
    charges_.push_back({now, cost, ticket});
  }
  void Return(std::int64_t now, int ticket) override {
    for (const Charged& charged : charges_) {
      const Wide owed = Wide(charged.cost) * window_ - Wide(now - charged.at) * limit_;
      if (charged.ticket != ticket || owed <= 0) continue;
      level_ = std::max<Wide>(Level(now) - owed, 0);
      at_ = now;
    }
    std::erase_if(charges_, [&](const Charged& charged) { return charged.ticket == ticket; });
  }
  // Halving finds the first moment at which the level has sunk far enough for each number of units.
  std::vector<std::int64_t> Moments(std::int64_t now) const override {
    std::vector<std::int64_t> moments;
    for (std::int64_t units = 0; units <= capacity_; ++units) {
      const Wide wanted = Full() - Wide(units) * window_;
      std::int64_t low = now, high = now + kFar;  // the level is too high at low and low enough at high
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (Level(middle) <= wanted ? high : low) = middle;
      }
      moments.push_back(high);
    }
    return moments;
  }

 private:
  struct Charged {
    std::int64_t at, cost;
    int ticket;
  };
  static constexpr std::int64_t kFar = std::int64_t{1} << 61;

  Wide Full() const { return Wide(capacity_) * window_; }
  Wide LevelUnbounded(std::int64_t now) const {
    return level_ == 0 ? 0 : level_ - (Wide(now) - at_) * limit_;
  }
  Wide Level(std::int64_t now) const { return std::clamp<Wide>(LevelUnbounded(now), 0, Full()); }

  Wide level_ = 0;
  std::int64_t at_ = 0;
  std::vector<Charged> charges_;
};

inline std::unique_ptr<LimitOracle> OracleOf(const LimitPolicy& policy) {
  switch (policy.algorithm) {
    case LimitAlgorithm::kExact:
    case LimitAlgorithm::kConcurrency:  // units that are given back sooner or later
      return std::make_unique<ExactOracle>(policy);
    case LimitAlgorithm::kGcra:
      return std::make_unique<GcraOracle>(policy);
    case LimitAlgorithm::kIdleReset:
      return std::make_unique<IdleResetOracle>(policy);
    case LimitAlgorithm::kSegmented:
      return std::make_unique<SegmentedOracle>(policy);
  }
  return nullptr;
}

}  // namespace mcpgate::testing
