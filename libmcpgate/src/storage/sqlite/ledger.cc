#include <array>
#include <bit>
#include <map>
#include <utility>

#include "base/crypto.h"
#include "base/mutex.h"
#include "storage/sqlite/ledger_book.h"

namespace mcpgate::sqlite {
namespace {

using Options = std::shared_ptr<const LedgerOptions>;  // the lines of a request point into it

std::int64_t NewId() {
  std::array<std::uint8_t, 8> bytes;
  FillRandom(bytes);
  return static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(bytes) >> 1 | 1u);
}

void Tell(const LedgerOptions& options, const std::vector<BudgetAlert>& alerts) {
  if (!options.on_alert) return;
  for (const BudgetAlert& alert : alerts) options.on_alert(alert);
}

class ReserveRequest : public WriteRequest {
 public:
  ReserveRequest(LedgerTable& table, Options options, std::vector<BudgetLine> lines, std::int64_t id)
      : table_(table), options_(std::move(options)), lines_(std::move(lines)), id_(id) {}
  absl::Status Apply() override {
    absl::StatusOr<BudgetDecision> decision = table_.Reserve(lines_, id_, options_->reservation_life);
    if (decision.ok()) decision_ = *std::move(decision);
    return decision.status();
  }
  const BudgetDecision& decision() const { return decision_; }

 private:
  LedgerTable& table_;
  const Options options_;
  const std::vector<BudgetLine> lines_;
  const std::int64_t id_;
  BudgetDecision decision_;
};

class SettleRequest : public WriteRequest {
 public:
  SettleRequest(LedgerTable& table, Options options, std::vector<BudgetLine> lines, std::int64_t id,
                std::int64_t spent)
      : table_(table), options_(std::move(options)), lines_(std::move(lines)), id_(id), spent_(spent) {}
  absl::Status Apply() override {
    alerts_.clear();
    return table_.Settle(lines_, id_, spent_, alerts_);
  }
  void Settled(const absl::Status& result) override {
    if (result.ok()) Tell(*options_, alerts_);
  }

 private:
  LedgerTable& table_;
  const Options options_;
  const std::vector<BudgetLine> lines_;
  const std::int64_t id_, spent_;
  std::vector<BudgetAlert> alerts_;
};

// Reads through the writer, behind whatever was settled before.
template <typename Read>
class ReadRequest : public WriteRequest {
 public:
  explicit ReadRequest(Read read) : read_(std::move(read)) {}
  absl::Status Apply() override { return read_(standings_); }
  const std::vector<BudgetStanding>& standings() const { return standings_; }

 private:
  const Read read_;
  std::vector<BudgetStanding> standings_;
};

BudgetStanding StandingOf(const BudgetRule& rule, const LedgerTable::Account& account, WallTime now) {
  return {.rule = &rule,
          .account = account.name,
          .spent = account.spent,
          .reserved = account.reserved,
          .since = BudgetPeriodStart(rule.period, now),
          .until = BudgetPeriodEnd(rule.period, now)};
}

// Safe for concurrent use.
class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(std::shared_ptr<LedgerBook> book, LedgerOptions options)
      : book_(std::move(book)), options_(std::make_shared<const LedgerOptions>(std::move(options))) {}

  absl::StatusOr<BudgetDecision> Reserve(const Principal& principal, std::string_view,
                                         std::int64_t cost) override {
    std::vector<BudgetLine> lines = BudgetLinesOf(options_->rules, principal, cost, options_->clock->Now());
    if (lines.empty()) return BudgetDecision{};
    const std::int64_t id = NewId();
    const auto request = std::make_shared<ReserveRequest>(book_->table, options_, lines, id);
    if (absl::Status status = book_->writer->Write(request); !status.ok()) return status;
    if (request->decision().allowed) {
      MutexLock lock(mutex_);
      open_.emplace(id, std::move(lines));
    }
    return request->decision();
  }

  // Nobody waits for it: until it is written the reservation stands for what was spent.
  void Settle(std::uint64_t reservation, std::int64_t spent) override {
    const auto id = static_cast<std::int64_t>(reservation);
    std::vector<BudgetLine> lines;
    {
      MutexLock lock(mutex_);
      const auto open = open_.find(id);
      if (open == open_.end()) return;
      lines = std::move(open->second);
      open_.erase(open);
    }
    const auto settle = [&] {
      return std::make_shared<SettleRequest>(book_->table, options_, lines, id, spent);
    };
    if (book_->writer->Queue(settle()).ok()) return;
    // The queue is full: wait with the others. Where even that fails the reservation stands until it is over.
    const auto request = settle();
    if (book_->writer->Write(request).ok()) request->Settled(absl::OkStatus());
  }

  absl::StatusOr<std::vector<BudgetStanding>> Standing(const Principal& principal) override {
    const WallTime now = options_->clock->Now();
    return Read([&table = book_->table, options = options_, now,
                 lines = BudgetLinesOf(options_->rules, principal, 0, now)](auto& standings) {
      standings.clear();
      for (const BudgetLine& line : lines) {
        const absl::StatusOr<LedgerTable::Account> account = table.Find(line);
        if (!account.ok()) return account.status();
        standings.push_back(StandingOf(*line.rule, *account, now));
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<AccountPage> Accounts(const AccountQuery& query) override {
    const WallTime now = options_->clock->Now();
    // A request for each rule: between them others write.
    const auto read = [&](const BudgetRule& rule, std::string_view after, std::size_t most) {
      return Read([&table = book_->table, options = options_, &rule, now, tenant = query.tenant,
                   after = std::string(after), most](auto& standings) {
        standings.clear();
        const absl::StatusOr<std::vector<LedgerTable::Account>> accounts =
            table.List(rule, BudgetPeriodStart(rule.period, now), tenant, after, most);
        if (!accounts.ok()) return accounts.status();
        for (const LedgerTable::Account& account : *accounts)
          standings.push_back(StandingOf(rule, account, now));
        return absl::OkStatus();
      });
    };
    return ReadAccountPage(options_->rules, query, read);
  }

 private:
  template <typename Function>
  absl::StatusOr<std::vector<BudgetStanding>> Read(Function read) {
    const auto request = std::make_shared<ReadRequest<Function>>(std::move(read));
    if (absl::Status status = book_->writer->Write(request); !status.ok()) return status;
    return request->standings();
  }

  const std::shared_ptr<LedgerBook> book_;
  const Options options_;
  Mutex mutex_;
  std::map<std::int64_t, std::vector<BudgetLine>> open_ MCPGATE_GUARDED_BY(mutex_);  // calls under way
};

}  // namespace

std::unique_ptr<Ledger> NewLedger(std::shared_ptr<LedgerBook> book, LedgerOptions options) {
  return std::make_unique<SqliteLedger>(std::move(book), std::move(options));
}

}  // namespace mcpgate::sqlite
