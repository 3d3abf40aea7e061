#include <functional>
#include <utility>

#include "storage/sqlite/function_request.h"
#include "storage/sqlite/vault_book.h"

namespace mcpgate::sqlite {
namespace {

// Safe for concurrent use.
class SqliteVaultStore final : public VaultStore {
 public:
  explicit SqliteVaultStore(std::shared_ptr<VaultBook> book) : book_(std::move(book)) {}

  absl::StatusOr<std::vector<VaultSlot>> Slots() override {
    return Read<std::vector<VaultSlot>>([](VaultTable& table, auto& slots) { return table.Slots(slots); });
  }

  absl::Status ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                           std::span<const std::string> removed) override {
    return Write([&table = book_->table, expected = std::vector(expected.begin(), expected.end()),
                  added = std::vector(added.begin(), added.end()),
                  removed = std::vector(removed.begin(), removed.end())] {
      return table.ChangeSlots(expected, added, removed);
    });
  }

  absl::StatusOr<std::optional<VaultRow>> Find(std::string_view tenant, std::string_view name) override {
    return Read<std::optional<VaultRow>>(
        [tenant = std::string(tenant), name = std::string(name)](VaultTable& table, auto& row) {
          return table.Find(tenant, name, row);
        });
  }

  absl::StatusOr<std::vector<VaultRow>> List(std::optional<std::string_view> tenant, const VaultPlace& place,
                                             std::size_t most) override {
    const auto of = tenant ? std::optional<std::string>(*tenant) : std::nullopt;
    return Read<std::vector<VaultRow>>(
        [of, place, most](VaultTable& table, auto& rows) { return table.List(of, place, most, rows); });
  }

  absl::Status Put(const VaultRow& row) override {
    absl::Status status = Write([&table = book_->table, row] { return table.Put(row); });
    return absl::IsAlreadyExists(status) ? absl::ResourceExhaustedError(status.message()) : status;
  }

  absl::Status Rewrap(std::span<const VaultRow> rows) override {
    return Write(
        [&table = book_->table, rows = std::vector(rows.begin(), rows.end())] { return table.Rewrap(rows); });
  }

  absl::Status Remove(std::string_view tenant, std::string_view name) override {
    return Write([&table = book_->table, tenant = std::string(tenant), name = std::string(name)] {
      return table.Remove(tenant, name);
    });
  }

 private:
  absl::Status Write(std::function<absl::Status()> apply) {
    return WriteBy(*book_->writer, std::move(apply));
  }

  // Through the writer too: who reads is as rare as who writes, and sees what was written before.
  template <typename Answer, typename Ask>
  absl::StatusOr<Answer> Read(Ask ask) {
    const auto answer = std::make_shared<Answer>();
    absl::Status status = Write([&table = book_->table, ask, answer] { return ask(table, *answer); });
    if (!status.ok()) return status;
    return std::move(*answer);
  }

  const std::shared_ptr<VaultBook> book_;
};

}  // namespace

std::shared_ptr<VaultStore> NewVaultStore(std::shared_ptr<VaultBook> book) {
  return std::make_shared<SqliteVaultStore>(std::move(book));
}

}  // namespace mcpgate::sqlite
