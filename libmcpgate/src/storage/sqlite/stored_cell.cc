#include "storage/sqlite/stored_cell.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mcpgate::sqlite {
namespace {

constexpr std::int64_t kMaxPerCall = 64;  // up to this limit the store decides each call
constexpr std::array<std::string_view, 4> kForms = {"marks", "rate", "grants", "segments"};

std::int64_t Burst(const LimitPolicy& policy) { return policy.burst > 0 ? policy.burst : policy.limit; }

// Units that a steady rate admits in one lease's life, rounded up. A limit is at most 10^9, so 64 bits do.
std::int64_t UnitsPerLease(const LimitPolicy& policy) {
  const std::int64_t window = policy.window.count();
  return (kLeaseLife.count() * policy.limit + window - 1) / window;
}

// kGcra: units spent up to a lease's life later than charged could otherwise meet with as many more.
LimitPolicy StorePolicy(const LimitPolicy& policy) {
  LimitPolicy stored = policy;
  if (policy.algorithm == LimitAlgorithm::kGcra && IsLeased(policy))
    stored.burst = Burst(policy) - UnitsPerLease(policy);
  return stored;
}

GrantWindow WindowOf(const LimitPolicy& policy) {
  return {.limit = policy.limit,
          .window = policy.window.count() + kLeaseLife.count(),
          .step = std::max<std::int64_t>(policy.window.count() / 64, 1)};
}

void AppendNumber(std::string& out, std::int64_t number) {
  for (int shift = 0; shift < 64; shift += 8)
    out += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xff);
}

std::vector<std::int64_t> Numbers(std::string_view bytes) {
  std::vector<std::int64_t> numbers(bytes.size() / 8);
  for (std::size_t i = 0; i < numbers.size() * 8; ++i)
    numbers[i / 8] |=
        static_cast<std::int64_t>(std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * (i % 8)));
  return numbers;
}

bool AreGrants(const std::vector<std::int64_t>& numbers) {
  if (numbers.size() % 2 != 0) return false;
  for (std::size_t i = 1; i < numbers.size(); i += 2)
    if (numbers[i] <= 0 || (i > 2 && numbers[i - 1] <= numbers[i - 3])) return false;
  return true;
}

}  // namespace

bool IsLeased(const LimitPolicy& policy) {
  if (policy.limit <= kMaxPerCall || policy.algorithm == LimitAlgorithm::kIdleReset) return false;
  return policy.algorithm != LimitAlgorithm::kGcra || Burst(policy) > UnitsPerLease(policy);
}

std::int64_t LeaseSize(const LimitPolicy& policy) {
  const std::int64_t size = std::max<std::int64_t>(policy.limit / 16, 1);
  if (policy.algorithm == LimitAlgorithm::kGcra) return std::min(size, StorePolicy(policy).burst);
  return size;
}

std::optional<StoredCell> StoredCell::Decode(std::string_view form, std::string_view bytes) {
  const auto* known = std::find(kForms.begin(), kForms.end(), form);
  if (known == kForms.end() || bytes.size() % 8 != 0) return std::nullopt;
  StoredCell cell;
  cell.form_ = static_cast<Form>(known - kForms.begin());
  std::vector<std::int64_t> numbers = Numbers(bytes);
  if (cell.form_ != Form::kGrants) {
    if (cell.form_ == Form::kMarks && !std::is_sorted(numbers.begin(), numbers.end())) return std::nullopt;
    if (cell.form_ == Form::kSegments && !AreGrants(numbers)) return std::nullopt;
    cell.cell_.marks = std::move(numbers);
    return cell;
  }
  if (!AreGrants(numbers)) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); i += 2)
    cell.grants_.push_back({.stamp = numbers[i], .units = numbers[i + 1]});
  return cell;
}

std::string_view StoredCell::form() const { return kForms[static_cast<std::size_t>(form_)]; }

std::string StoredCell::Encode() const {
  std::string bytes;
  for (const std::int64_t mark : cell_.marks) AppendNumber(bytes, mark);
  for (const Grant& grant : grants_) {
    AppendNumber(bytes, grant.stamp);
    AppendNumber(bytes, grant.units);
  }
  return bytes;
}

StoredCell::Form StoredCell::FormFor(const LimitPolicy& policy) {
  if (policy.algorithm == LimitAlgorithm::kGcra) return Form::kRate;
  if (IsLeased(policy)) return Form::kGrants;
  return policy.algorithm == LimitAlgorithm::kSegmented ? Form::kSegments : Form::kMarks;
}

bool StoredCell::Adapt(const LimitPolicy& policy, std::int64_t now) {
  const bool converted = form_ != FormFor(policy);
  if (converted) Convert(policy, now);
  const bool rewound = form_ == Form::kGrants ? RewindGrants(WindowOf(policy), grants_, now)
                                              : RewindLimit(StorePolicy(policy), cell_, now);
  return converted || rewound;
}

// What was counted under another form, as units at moments. A rate remembers no moments, only a debt.
GrantLog StoredCell::AsGrants(const LimitPolicy& policy, std::int64_t now) const {
  if (form_ == Form::kGrants) return grants_;
  GrantLog log;
  if (form_ == Form::kMarks) {
    for (const std::int64_t mark : cell_.marks) log.push_back({.stamp = mark, .units = 1});
    return log;
  }
  if (form_ == Form::kSegments) {
    for (std::size_t i = 0; i + 1 < cell_.marks.size(); i += 2)
      log.push_back({.stamp = cell_.marks[i], .units = cell_.marks[i + 1]});
    return log;
  }
  if (cell_.marks.empty() || cell_.marks.front() <= now) return log;
  const double debt = static_cast<double>(cell_.marks.front() - now) * static_cast<double>(policy.limit) /
                      static_cast<double>(policy.window.count());
  const double units = std::min(std::ceil(debt), static_cast<double>(policy.limit));
  log.push_back({.stamp = now, .units = static_cast<std::int64_t>(units)});
  return log;
}

void StoredCell::Convert(const LimitPolicy& policy, std::int64_t now) {
  const GrantLog log = AsGrants(policy, now);
  *this = StoredCell();
  form_ = FormFor(policy);
  std::int64_t room = policy.limit;  // what is older than the last N units can no longer matter
  for (auto grant = log.rbegin(); grant != log.rend() && room > 0; ++grant) {
    if (grant->stamp <= now - policy.window.count()) break;
    const std::int64_t units = std::min(grant->units, room);
    room -= units;
    if (form_ == Form::kMarks)
      cell_.marks.insert(cell_.marks.begin(), static_cast<std::size_t>(units), std::min(grant->stamp, now));
  }
  const std::int64_t used = policy.limit - room;
  if (form_ == Form::kGrants && used > 0) ChargeGrants(WindowOf(policy), grants_, now, used);
  const bool by_rule = form_ == Form::kRate || form_ == Form::kSegments;
  if (by_rule && used > 0) ChargeLimit(StorePolicy(policy), cell_, now, used);
}

LimitVerdict StoredCell::Judge(const LimitPolicy& policy, std::int64_t now, std::int64_t units) const {
  if (form_ == Form::kGrants) return JudgeGrants(WindowOf(policy), grants_, now, units);
  return JudgeLimit(StorePolicy(policy), cell_, now, units);
}

std::int64_t StoredCell::Charge(const LimitPolicy& policy, std::int64_t now, std::int64_t units) {
  if (form_ == Form::kGrants) return ChargeGrants(WindowOf(policy), grants_, now, units);
  return ChargeLimit(StorePolicy(policy), cell_, now, units);
}

void StoredCell::Return(const LimitPolicy& policy, std::int64_t now, std::int64_t units, std::int64_t token) {
  if (form_ == Form::kGrants) return ReturnGrants(grants_, token, units);
  ReturnLimit(StorePolicy(policy), cell_, now, units, token);
}

LimitStanding StoredCell::Standing(const LimitPolicy& policy, std::int64_t now) const {
  if (form_ != Form::kGrants) {
    LimitStanding standing = StandingOf(StorePolicy(policy), cell_, now);
    standing.policy = &policy;
    return standing;
  }
  const GrantWindow rule = WindowOf(policy);
  LimitStanding standing{.policy = &policy};
  standing.remaining = std::max<std::int64_t>(rule.limit - GrantedUnits(rule, grants_, now), 0);
  if (!grants_.empty())
    standing.full_again = Nanos(std::max<std::int64_t>(grants_.back().stamp + rule.window - now, 0));
  return standing;
}

}  // namespace mcpgate::sqlite
