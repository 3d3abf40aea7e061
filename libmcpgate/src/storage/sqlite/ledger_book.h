// File: storage/sqlite/ledger_book.h
//
// Everything about budget.db: its tables and their writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/ledger.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// LedgerTable
///
/// `spent` holds what was spent, by rule, account and period start; `holds` what calls under way have
/// reserved. A reservation that is over counts no more, whether it was swept or not. Not thread-safe; the
/// writer's.
class LedgerTable : public Tables {
 public:
  explicit LedgerTable(const Clock& clock) : clock_(clock) {}

  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return absl::OkStatus(); }
  void GroupEnded(bool) override {}

  struct Account {
    std::string name;
    std::int64_t spent = 0, told = 0, reserved = 0;
  };

  /// All lines or none. `id` is the caller's, and new.
  absl::StatusOr<BudgetDecision> Reserve(const std::vector<BudgetLine>& lines, std::int64_t id, Nanos life);
  /// Ends the reservation and books what was spent, also when it was over. Appends the alerts that are due.
  absl::Status Settle(const std::vector<BudgetLine>& lines, std::int64_t id, std::int64_t spent,
                      std::vector<BudgetAlert>& alerts);
  absl::StatusOr<Account> Find(const BudgetLine& line);
  /// Accounts with something spent or reserved, by name, behind `after`; of one tenant unless it is empty.
  absl::StatusOr<std::vector<Account>> List(const BudgetRule& rule, WallTime since, std::string_view tenant,
                                            std::string_view after, std::size_t most);

 private:
  absl::Status Sweep(std::int64_t now);
  absl::Status Book(const BudgetLine& line, std::int64_t spent, std::vector<BudgetAlert>& alerts);

  const Clock& clock_;
  Statement find_, reserved_, hold_, release_, book_, list_, list_of_tenant_, sweep_holds_, sweep_spent_;
};

struct LedgerBook {
  explicit LedgerBook(const Clock& time) : table(time) {}
  LedgerTable table;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

std::unique_ptr<Ledger> NewLedger(std::shared_ptr<LedgerBook> book, LedgerOptions options);

}  // namespace mcpgate::sqlite
