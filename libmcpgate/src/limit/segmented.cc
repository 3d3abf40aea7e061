// segmented: the window in 64 cells, and each cell that overlaps it counted in full. A unit counts until the
// end of its cell is a window old, so it counts for at most one cell too long and never too short. What an
// exact log remembers in N entries takes at most 66 pairs here.
//
// Marks are pairs, oldest first: the end of a cell, the units charged in it.
#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "limit/rule.h"

namespace mcpgate {
namespace {

constexpr std::int64_t kCells = 64;
constexpr std::size_t kMaxMarks = 2 * (kCells + 2);

using Marks = std::vector<std::int64_t>;

std::int64_t CellLength(const LimitPolicy& policy) { return (policy.window.count() + kCells - 1) / kCells; }

// Cells are half-open to the left, so that one which ends with the window's begin lies outside it.
std::int64_t EndOfCell(const LimitPolicy& policy, std::int64_t now) {
  const std::int64_t length = CellLength(policy);
  const std::int64_t rest = now % length;
  if (rest == 0) return now;
  return rest < 0 ? now - rest : now - rest + length;
}

bool Counts(const LimitPolicy& policy, std::int64_t end, std::int64_t now) {
  return end > now - policy.window.count();
}

// An end that lies further ahead than the cell of now is left from before the clock was set back, or from
// longer cells: what it counts has happened by now.
std::int64_t UntilOver(const LimitPolicy& policy, std::int64_t end, std::int64_t now) {
  return std::min(end, EndOfCell(policy, now)) + policy.window.count() - now;
}

std::int64_t Add(std::int64_t a, std::int64_t b) {  // both at least 0
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

// A store may hold anything; what is no pair or counts less than nothing counts nothing.
std::int64_t UnitsAt(const Marks& marks, std::size_t i) {
  return i + 1 < marks.size() ? std::max<std::int64_t>(marks[i + 1], 0) : 0;
}

std::int64_t Used(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  std::int64_t units = 0;
  for (std::size_t i = 0; i < cell.marks.size(); i += 2) {
    if (Counts(policy, cell.marks[i], now)) units = Add(units, UnitsAt(cell.marks, i));
  }
  return units;
}

LimitVerdict Judge(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now, std::int64_t cost) {
  if (cost > policy.limit) return NeverAdmitted();
  const std::int64_t used = Used(policy, cell, now);
  if (used <= policy.limit - cost) return {.allowed = true, .remaining = policy.limit - used - cost};
  LimitVerdict verdict{.allowed = false, .remaining = std::max<std::int64_t>(policy.limit - used, 0)};
  std::int64_t missing = used - (policy.limit - cost);
  for (std::size_t i = 0; i < cell.marks.size() && missing > 0; i += 2) {
    if (!Counts(policy, cell.marks[i], now)) continue;
    missing -= UnitsAt(cell.marks, i);
    verdict.retry_after = Nanos(UntilOver(policy, cell.marks[i], now));
  }
  return verdict;
}

void Append(Marks& marks, std::int64_t end, std::int64_t units) {
  if (units <= 0) return;
  if (marks.size() >= 2 && marks[marks.size() - 2] >= end) {
    marks.back() = Add(marks.back(), units);
    return;
  }
  marks.push_back(end);
  marks.push_back(units);
}

// Moves every end to the end of this policy's cell that it lies in, or to that of now when it lies beyond.
void Realign(const LimitPolicy& policy, Marks& marks, std::int64_t now) {
  const std::int64_t latest = EndOfCell(policy, now);
  Marks aligned;
  for (std::size_t i = 0; i < marks.size(); i += 2) {
    const std::int64_t end = marks[i] >= latest ? latest : EndOfCell(policy, marks[i]);
    if (Counts(policy, end, now)) Append(aligned, end, UnitsAt(marks, i));
  }
  marks = std::move(aligned);
}

void ForgetOver(const LimitPolicy& policy, Marks& marks, std::int64_t now) {
  std::size_t over = 0;
  while (over + 1 < marks.size() && !Counts(policy, marks[over], now)) over += 2;
  marks.erase(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(over));
}

bool Rewind(const LimitPolicy& policy, LimitCell& cell, std::int64_t now) {
  const std::size_t size = cell.marks.size();
  if (size < 2 || cell.marks[size - 2] <= EndOfCell(policy, now)) return false;
  Realign(policy, cell.marks, now);
  return true;
}

std::int64_t Charge(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost) {
  if (cell.marks.size() % 2 != 0) cell.marks.pop_back();
  if (!Rewind(policy, cell, now)) ForgetOver(policy, cell.marks, now);
  if (cell.marks.size() >= kMaxMarks) Realign(policy, cell.marks, now);
  const std::int64_t end = EndOfCell(policy, now);
  Append(cell.marks, end, std::min(cost, policy.limit));
  return end;
}

void GiveBack(const LimitPolicy&, LimitCell& cell, std::int64_t, std::int64_t cost, std::int64_t token) {
  Marks& marks = cell.marks;
  for (std::size_t i = 0; i + 1 < marks.size(); i += 2) {
    if (marks[i] != token) continue;
    marks[i + 1] -= std::min(UnitsAt(marks, i), cost);
    const auto pair = marks.begin() + static_cast<std::ptrdiff_t>(i);
    if (marks[i + 1] <= 0) marks.erase(pair, pair + 2);
    return;
  }
}

LimitStanding Standing(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const std::int64_t used = Used(policy, cell, now);
  LimitStanding standing{.policy = &policy, .remaining = std::max<std::int64_t>(policy.limit - used, 0)};
  for (std::size_t i = 0; i < cell.marks.size(); i += 2) {
    if (UnitsAt(cell.marks, i) == 0 || !Counts(policy, cell.marks[i], now)) continue;
    standing.full_again = Nanos(UntilOver(policy, cell.marks[i], now));
  }
  return standing;
}

std::int64_t FreshAt(const LimitPolicy& policy, const LimitCell& cell) {
  return cell.marks[(cell.marks.size() - 1) / 2 * 2] + policy.window.count();
}

}  // namespace

constinit const LimitRule kSegmentedRule = {.algorithm = LimitAlgorithm::kSegmented,
                                            .name = "segmented",
                                            .max_limit = 1'000'000'000,
                                            .judge = &Judge,
                                            .charge = &Charge,
                                            .give_back = &GiveBack,
                                            .standing = &Standing,
                                            .fresh_at = &FreshAt,
                                            .rewind = &Rewind};

}  // namespace mcpgate
