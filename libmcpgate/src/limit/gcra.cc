// gcra: the generic cell rate algorithm (ITU-T I.371). A unit costs T = window / limit, a fraction. Nothing
// is rounded: the state is the TAT in whole nanoseconds and the rest in 1/limit of one, and all arithmetic is
// on the debt, TAT - now, in units of 1/limit ns.
#include <algorithm>
#include <limits>

#include "limit/rule.h"

namespace mcpgate {
namespace {

__extension__ using Int128 = __int128;

Int128 UnitCost(const LimitPolicy& policy) { return policy.window.count(); }

std::int64_t Burst(const LimitPolicy& policy) { return policy.burst > 0 ? policy.burst : policy.limit; }

Int128 MaxDebt(const LimitPolicy& policy) { return UnitCost(policy) * Burst(policy); }

// Most quotients fit 64 bits, where division is several times cheaper.
std::int64_t DivideFloor(Int128 value, std::int64_t by) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (value <= kMax) return static_cast<std::int64_t>(value) / by;
  return static_cast<std::int64_t>(std::min<Int128>(value / by, kMax));
}

std::int64_t DivideCeil(Int128 value, std::int64_t by) { return DivideFloor(value + by - 1, by); }

Int128 StoredDebt(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  if (cell.marks.empty()) return 0;
  const Int128 whole = Int128(cell.marks[0]) - now;
  if (whole < 0) return 0;
  // A rest from another limit (the policy was changed) counts as a whole nanosecond.
  std::int64_t rest = cell.marks.size() > 1 ? cell.marks[1] : 0;
  if (rest < 0 || rest > policy.limit) rest = policy.limit;
  return whole * policy.limit + rest;
}

Int128 Debt(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  return std::min(StoredDebt(policy, cell, now), MaxDebt(policy));
}

void Store(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, Int128 debt) {
  if (debt <= 0) {
    cell.marks.clear();
    return;
  }
  const std::int64_t whole = DivideFloor(debt, policy.limit);
  cell.marks.resize(2);
  cell.marks[0] = whole > std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(now, 0)
                      ? std::numeric_limits<std::int64_t>::max()
                      : now + whole;
  cell.marks[1] = static_cast<std::int64_t>(debt - Int128(whole) * policy.limit);
}

LimitVerdict Judge(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now, std::int64_t cost) {
  if (cost > Burst(policy)) return NeverAdmitted();
  const std::int64_t unit = policy.window.count();
  const Int128 free = MaxDebt(policy) - Debt(policy, cell, now);
  const Int128 price = UnitCost(policy) * cost;
  if (price <= free) return {.allowed = true, .remaining = DivideFloor(free - price, unit)};
  return {.allowed = false,
          .remaining = DivideFloor(free, unit),
          .retry_after = Nanos(DivideCeil(price - free, policy.limit))};
}

std::int64_t Charge(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost) {
  Store(policy, cell, now, Debt(policy, cell, now) + UnitCost(policy) * cost);
  return now;
}

// Since the charge at `token`, at most the time that passed can have gone into paying it off; the rest is
// still in the debt. More than that may not be given back: where debts that stood before it are given back
// too, where it stood in line says nothing.
void GiveBack(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost,
              std::int64_t token) {
  if (token > now) return;  // the clock was set back: nobody knows how much has passed
  const Int128 owed = UnitCost(policy) * cost - (Int128(now) - token) * policy.limit;
  if (owed > 0) Store(policy, cell, now, Debt(policy, cell, now) - owed);
}

LimitStanding Standing(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const Int128 debt = Debt(policy, cell, now);
  return {.policy = &policy,
          .remaining = DivideFloor(MaxDebt(policy) - debt, policy.window.count()),
          .full_again = Nanos(DivideCeil(debt, policy.limit))};
}

std::int64_t FreshAt(const LimitPolicy&, const LimitCell& cell) {
  const bool has_rest = cell.marks.size() > 1 && cell.marks[1] != 0;
  return has_rest && cell.marks[0] < std::numeric_limits<std::int64_t>::max() ? cell.marks[0] + 1
                                                                              : cell.marks[0];
}

bool Rewind(const LimitPolicy& policy, LimitCell& cell, std::int64_t now) {
  if (StoredDebt(policy, cell, now) <= MaxDebt(policy)) return false;
  Store(policy, cell, now, MaxDebt(policy));
  return true;
}

}  // namespace

constinit const LimitRule kGcraRule = {.algorithm = LimitAlgorithm::kGcra,
                                       .name = "gcra",
                                       .max_limit = 1'000'000'000,
                                       .judge = &Judge,
                                       .charge = &Charge,
                                       .give_back = &GiveBack,
                                       .standing = &Standing,
                                       .fresh_at = &FreshAt,
                                       .rewind = &Rewind};

}  // namespace mcpgate
