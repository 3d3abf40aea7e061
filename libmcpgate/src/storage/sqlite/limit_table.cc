#include "storage/sqlite/limit_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {

const char* const kLimitSchema =
    "CREATE TABLE limits(policy TEXT NOT NULL, part TEXT NOT NULL, form TEXT NOT NULL, numbers BLOB NOT NULL,"
    " fresh_at INTEGER NOT NULL, PRIMARY KEY(policy, part)) STRICT, WITHOUT ROWID";
const char* const kLimitAgeIndex = "CREATE INDEX limits_by_age ON limits(fresh_at)";

namespace {

constexpr std::size_t kLeftoversAtOnce = 32;
constexpr std::uint64_t kSweepEvery = 256;  // saved cells; a sweep removes as many, so the table cannot grow

// The decision over several lines: the longest wait of those that refuse, or the least that is left.
void Weigh(const LimitLine& line, const LimitVerdict& verdict, LimitDecision& decision) {
  if (verdict.allowed) {
    if (decision.allowed) decision.remaining = std::min(decision.remaining, verdict.remaining);
    return;
  }
  if (!decision.allowed && verdict.retry_after <= decision.retry_after) return;
  decision = {.allowed = false,
              .policy = line.origin,
              .remaining = verdict.remaining,
              .retry_after = verdict.retry_after};
}

}  // namespace

absl::StatusOr<StoredCell> LoadCell(Statement& select, const LimitPolicy& policy, std::string_view partition,
                                    std::int64_t now, bool* changed) {
  ResetAtEnd reset(select);
  select.BindText(1, policy.name).BindText(2, partition);
  const absl::StatusOr<bool> row = select.Step();
  if (!row.ok()) return row.status();
  std::optional<StoredCell> cell = StoredCell();
  if (*row) cell = StoredCell::Decode(select.Text(0).value_or(""), select.Blob(1).value_or("?"));
  if (!cell)
    return absl::InternalError(fmt::format("gate.db: the counter of limit {} is malformed", policy.name));
  const bool adapted = cell->Adapt(policy, now);
  if (changed != nullptr) *changed = adapted;
  return *std::move(cell);
}

absl::Status LimitTable::Attach(Database& db) {
  absl::Status status = PrepareInto(db, select_, kSelectCell);
  status.Update(PrepareInto(
      db, save_, "REPLACE INTO limits(policy, part, form, numbers, fresh_at) VALUES(?1, ?2, ?3, ?4, ?5)"));
  status.Update(PrepareInto(db, sweep_,
                            "DELETE FROM limits WHERE (policy, part) IN"
                            " (SELECT policy, part FROM limits WHERE fresh_at<=?1 LIMIT 512)"));
  return status;
}

absl::StatusOr<LimitAnswer> LimitTable::Take(const std::vector<LimitLine>& lines) {
  const Instant now = Instant::Of(clock_);
  if (absl::Status status = ReturnLeftovers(lines, now); !status.ok()) return status;
  std::vector<WorkingCell> cells;
  std::vector<Draw> draws;
  LimitAnswer answer;
  answer.decision.remaining = std::numeric_limits<std::int64_t>::max();
  absl::Status status;
  for (std::size_t i = 0; status.ok() && i < lines.size(); ++i) {
    absl::StatusOr<Draw> draw = DrawLine(lines[i], now, cells);
    status = draw.status();
    if (!draw.ok()) break;
    draws.push_back(*draw);
    answer.tokens.push_back(draw->token);
    answer.remaining.push_back(draw->verdict.remaining);
    Weigh(lines[i], draw->verdict, answer.decision);
  }
  const bool allowed = answer.decision.allowed;
  if (status.ok()) status = allowed ? Keep(cells, now) : KeepAdapted(cells, now);
  if (status.ok() && allowed) return answer;
  for (std::size_t i = 0; i < draws.size(); ++i) PutBack(lines[i], draws[i], now);
  if (!status.ok()) return status;
  answer.tokens.clear();
  answer.remaining.clear();
  return answer;
}

// Before any cell is loaded. Should the group be undone, these units stay charged until their window is over.
absl::Status LimitTable::ReturnLeftovers(const std::vector<LimitLine>& lines, Instant now) {
  if (std::none_of(lines.begin(), lines.end(), [](const auto& line) { return IsLeased(line.policy); }))
    return absl::OkStatus();
  return Return(purse_.TakeLeftovers(now, kLeftoversAtOnce));
}

absl::StatusOr<LimitTable::Draw> LimitTable::DrawLine(const LimitLine& line, Instant now,
                                                      std::vector<WorkingCell>& cells) {
  if (Draw draw; IsLeased(line.policy) && (DrawFromPurse(line, now, draw) || DrawFromGroup(line, draw)))
    return draw;
  return DrawFromStore(line, now.wall, cells);
}

// The caller found too little there, but a group that was under way may have leased more since.
bool LimitTable::DrawFromPurse(const LimitLine& line, Instant now, Draw& draw) {
  const LimitCharge charge{.policy = &line.policy, .partition = line.partition, .cost = line.cost};
  const std::vector<LeasePurse::Spent> spent = purse_.Spend({&charge, 1}, now);
  if (spent.empty()) return false;
  draw = {.from = Draw::From::kPurse, .token = spent[0].token};
  draw.verdict.remaining = spent[0].remaining;
  purse_draws_.push_back({line.policy, line.partition, draw.token, line.cost});
  return true;
}

bool LimitTable::DrawFromGroup(const LimitLine& line, Draw& draw) {
  for (std::size_t i = 0; i < leases_.size(); ++i) {
    NewLease& lease = leases_[i];
    if (lease.lease.units < line.cost || lease.policy.name != line.policy.name ||
        lease.partition != line.partition)
      continue;
    lease.lease.units -= line.cost;
    draw = {.from = Draw::From::kGroup, .index = i, .token = lease.lease.token};
    draw.verdict.remaining = lease.lease.units + lease.lease.in_store;
    return true;
  }
  return false;
}

absl::StatusOr<LimitTable::Draw> LimitTable::DrawFromStore(const LimitLine& line, std::int64_t now,
                                                           std::vector<WorkingCell>& cells) {
  const absl::StatusOr<std::size_t> index = FindCell(line, now, cells);
  if (!index.ok()) return index.status();
  WorkingCell& working = cells[*index];
  Draw draw{.index = *index, .verdict = working.cell.Judge(line.policy, now, line.cost)};
  if (!draw.verdict.allowed) return draw;
  std::int64_t units = line.cost;
  if (IsLeased(line.policy)) {
    const std::int64_t wanted = std::max(LeaseSize(line.policy), line.cost);
    units += std::clamp<std::int64_t>(wanted - line.cost, 0, draw.verdict.remaining);
  }
  draw.token = working.cell.Charge(line.policy, now, units);
  working.token = draw.token;
  working.leased += units - line.cost;
  return draw;
}

absl::StatusOr<std::size_t> LimitTable::FindCell(const LimitLine& line, std::int64_t now,
                                                 std::vector<WorkingCell>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].line->policy.name == line.policy.name && cells[i].line->partition == line.partition)
      return i;
  }
  WorkingCell working{.line = &line};
  absl::StatusOr<StoredCell> cell = LoadCell(select_, line.policy, line.partition, now, &working.adapted);
  if (!cell.ok()) return cell.status();
  working.cell = *std::move(cell);
  cells.push_back(std::move(working));
  return cells.size() - 1;
}

void LimitTable::PutBack(const LimitLine& line, const Draw& draw, Instant now) {
  if (draw.from == Draw::From::kGroup) leases_[draw.index].lease.units += line.cost;
  if (draw.from != Draw::From::kPurse) return;
  purse_.PutBack(line.policy, line.partition, draw.token, line.cost, now);
  purse_draws_.pop_back();
}

absl::Status LimitTable::Keep(const std::vector<WorkingCell>& cells, Instant now) {
  for (const WorkingCell& working : cells) {
    const LimitLine& line = *working.line;
    if (absl::Status status = Save(line.policy, line.partition, working.cell, now.wall); !status.ok())
      return status;
    if (working.leased == 0) continue;
    const std::int64_t in_store = working.cell.Standing(line.policy, now.wall).remaining;
    leases_.push_back(
        {line.policy,
         line.partition,
         {.token = working.token, .units = working.leased, .since = now, .in_store = in_store}});
  }
  return absl::OkStatus();
}

// A clock that was set back must not hold callers longer than a window from when that was seen.
absl::Status LimitTable::KeepAdapted(const std::vector<WorkingCell>& cells, Instant now) {
  for (const WorkingCell& working : cells) {
    if (!working.adapted) continue;
    const LimitLine& line = *working.line;
    const absl::StatusOr<StoredCell> cell = LoadCell(select_, line.policy, line.partition, now.wall);
    if (!cell.ok()) return cell.status();
    if (absl::Status status = Save(line.policy, line.partition, *cell, now.wall); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LimitTable::Save(const LimitPolicy& policy, std::string_view partition, const StoredCell& cell,
                              std::int64_t now) {
  const std::string numbers = cell.Encode();
  const std::int64_t fresh_at = now + cell.Standing(policy, now).full_again.count();
  save_.BindText(1, policy.name).BindText(2, partition).BindText(3, cell.form());
  save_.BindBlob(4, numbers).Bind(5, fresh_at);
  ++saves_;
  return save_.Run();
}

absl::Status LimitTable::Return(const std::vector<Leftover>& units) {
  const std::int64_t now = Instant::Of(clock_).wall;
  for (const Leftover& leftover : units) {
    absl::StatusOr<StoredCell> cell = LoadCell(select_, leftover.policy, leftover.partition, now);
    if (!cell.ok()) return cell.status();
    cell->Return(leftover.policy, now, leftover.units, leftover.token);
    if (absl::Status status = Save(leftover.policy, leftover.partition, *cell, now); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status LimitTable::EndGroup() {
  if (saves_ < swept_at_ + kSweepEvery) return absl::OkStatus();
  swept_at_ = saves_;
  sweep_.Bind(1, Instant::Of(clock_).wall);
  return sweep_.Run();
}

void LimitTable::GroupEnded(bool committed) {
  const Instant now = Instant::Of(clock_);
  if (committed) {
    for (const NewLease& lease : leases_) purse_.Add(lease.policy, lease.partition, lease.lease);
  } else {
    for (const PurseDraw& draw : purse_draws_)
      purse_.PutBack(draw.policy, draw.partition, draw.token, draw.units, now);
  }
  leases_.clear();
  purse_draws_.clear();
}

}  // namespace mcpgate::sqlite
