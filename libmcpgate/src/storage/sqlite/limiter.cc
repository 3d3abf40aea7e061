#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "storage/sqlite/gate_book.h"

namespace mcpgate::sqlite {
namespace {

// The machine takes about as long to come back, and to wait for its disk would be most of a call's time.
constexpr Nanos kShortWindow = std::chrono::minutes(1);

class TakeRequest : public WriteRequest {
 public:
  TakeRequest(LimitTable& limits, std::span<const LimitCharge> charges) : limits_(limits) {
    for (const LimitCharge& charge : charges)
      lines_.push_back({charge.policy, *charge.policy, std::string(charge.partition), charge.cost});
  }
  absl::Status Apply() override {
    absl::StatusOr<LimitAnswer> answer = limits_.Take(lines_);
    if (answer.ok()) answer_ = *std::move(answer);
    return answer.status();
  }
  bool NeedsSync() const override {
    return std::any_of(lines_.begin(), lines_.end(),
                       [](const LimitLine& line) { return line.policy.window > kShortWindow; });
  }
  const LimitAnswer& answer() const { return answer_; }

 private:
  LimitTable& limits_;
  std::vector<LimitLine> lines_;
  LimitAnswer answer_;
};

class ReturnRequest : public WriteRequest {
 public:
  ReturnRequest(LimitTable& limits, std::vector<Leftover> units)
      : limits_(limits), units_(std::move(units)) {}
  absl::Status Apply() override { return limits_.Return(units_); }
  bool NeedsSync() const override { return false; }  // what is lost with the power is units nobody may spend

 private:
  LimitTable& limits_;
  const std::vector<Leftover> units_;
};

absl::Status CheckCharges(std::span<const LimitCharge> charges) {
  for (const LimitCharge& charge : charges) {
    if (charge.policy == nullptr) return absl::InvalidArgumentError("a charge names no limit");
    if (charge.cost < 0) return absl::InvalidArgumentError("a charge costs less than nothing");
    if (absl::Status status = ValidateLimitPolicy(*charge.policy); !status.ok()) return status;
    if (charge.policy->algorithm == LimitAlgorithm::kConcurrency) {
      return absl::InvalidArgumentError(
          fmt::format("limit '{}': concurrency is counted in memory; give it to NewLocalRateLimiter or "
                      "NewTieredRateLimiter",
                      charge.policy->name));
    }
  }
  return absl::OkStatus();
}

bool AllLeased(std::span<const LimitCharge> charges) {
  return std::all_of(charges.begin(), charges.end(), [](const auto& c) { return IsLeased(*c.policy); });
}

// Safe for concurrent use.
class SqliteLimiter : public RateLimiter {
 public:
  explicit SqliteLimiter(std::shared_ptr<GateBook> book) : book_(std::move(book)) {}

  absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge> charges, LimitReceipt* receipt) override {
    if (receipt != nullptr) receipt->lines.clear();
    if (absl::Status status = CheckCharges(charges); !status.ok()) return status;
    if (charges.empty()) return LimitDecision{.remaining = std::numeric_limits<std::int64_t>::max()};
    if (AllLeased(charges)) {
      const std::vector<LeasePurse::Spent> spent = book_->purse.Spend(charges, Instant::Of(book_->clock));
      if (!spent.empty()) return FromPurse(charges, spent, receipt);
    }
    return FromStore(charges, receipt);
  }

  absl::Status Return(const LimitReceipt& receipt) override {
    const Instant now = Instant::Of(book_->clock);
    std::vector<Leftover> rest;
    for (const LimitReceipt::Line& line : receipt.lines) {
      if (line.policy == nullptr) return absl::InvalidArgumentError("a receipt names no limit");
      if (IsLeased(*line.policy) &&
          book_->purse.PutBack(*line.policy, line.partition, line.token, line.cost, now))
        continue;
      rest.push_back({*line.policy, line.partition, line.token, line.cost});
    }
    if (rest.empty()) return absl::OkStatus();
    return book_->writer->Write(std::make_shared<ReturnRequest>(book_->tables.limits(), std::move(rest)));
  }

  absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge> charges) override {
    if (absl::Status status = CheckCharges(charges); !status.ok()) return status;
    const Instant now = Instant::Of(book_->clock);
    std::vector<LimitStanding> standings;
    for (const LimitCharge& charge : charges) {
      const absl::StatusOr<StoredCell> cell =
          book_->reader->FindCell(*charge.policy, charge.partition, now.wall);
      if (!cell.ok()) return cell.status();
      LimitStanding standing = cell->Standing(*charge.policy, now.wall);
      standing.remaining += book_->purse.Unspent(*charge.policy, charge.partition, now);
      standings.push_back(standing);
    }
    return standings;
  }

 private:
  static void AddLine(const LimitCharge& charge, std::int64_t token, std::int64_t remaining,
                      LimitReceipt* receipt) {
    if (receipt == nullptr) return;
    receipt->lines.push_back({charge.policy, std::string(charge.partition), charge.cost, token, remaining});
  }

  static LimitDecision FromPurse(std::span<const LimitCharge> charges,
                                 const std::vector<LeasePurse::Spent>& spent, LimitReceipt* receipt) {
    LimitDecision decision{.remaining = spent.front().remaining};
    for (std::size_t i = 0; i < charges.size(); ++i) {
      decision.remaining = std::min(decision.remaining, spent[i].remaining);
      AddLine(charges[i], spent[i].token, spent[i].remaining, receipt);
    }
    return decision;
  }

  absl::StatusOr<LimitDecision> FromStore(std::span<const LimitCharge> charges, LimitReceipt* receipt) {
    const auto request = std::make_shared<TakeRequest>(book_->tables.limits(), charges);
    if (absl::Status status = book_->writer->Write(request); !status.ok()) return status;
    const LimitAnswer& answer = request->answer();
    if (answer.decision.allowed)
      for (std::size_t i = 0; i < charges.size(); ++i)
        AddLine(charges[i], answer.tokens[i], answer.remaining[i], receipt);
    return answer.decision;
  }

  const std::shared_ptr<GateBook> book_;
};

}  // namespace

std::unique_ptr<RateLimiter> NewLimiter(std::shared_ptr<GateBook> book) {
  return std::make_unique<SqliteLimiter>(std::move(book));
}

absl::Status ReturnLeases(GateBook& book) {
  std::vector<Leftover> units = book.purse.TakeLeftovers(
      Instant::Of(book.clock), std::numeric_limits<std::size_t>::max(), /*all=*/true);
  if (units.empty()) return absl::OkStatus();
  return book.writer->Write(std::make_shared<ReturnRequest>(book.tables.limits(), std::move(units)));
}

}  // namespace mcpgate::sqlite
