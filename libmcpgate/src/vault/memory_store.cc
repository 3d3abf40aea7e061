#include <algorithm>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/vault.h"

namespace mcpgate {
namespace {

// Safe for concurrent use.
class MemoryVaultStore final : public VaultStore {
 public:
  absl::StatusOr<std::vector<VaultSlot>> Slots() override {
    MutexLock lock(mutex_);
    std::vector<VaultSlot> slots;
    for (const auto& [id, slot] : slots_) slots.push_back(slot);
    return slots;
  }

  absl::Status ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                           std::span<const std::string> removed) override {
    MutexLock lock(mutex_);
    const bool as_expected =
        expected.size() == slots_.size() &&
        std::all_of(expected.begin(), expected.end(),
                    [&](const auto& id) MCPGATE_REQUIRES(mutex_) { return slots_.contains(id); });
    if (!as_expected) return absl::AbortedError("the vault's slots have changed");
    for (const VaultSlot& slot : added) slots_.emplace(slot.id, slot);
    for (const std::string& id : removed) slots_.erase(id);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<VaultRow>> Find(std::string_view tenant, std::string_view name) override {
    MutexLock lock(mutex_);
    const auto row = rows_.find({std::string(tenant), std::string(name)});
    if (row == rows_.end()) return std::optional<VaultRow>();
    return std::optional<VaultRow>(row->second);
  }

  absl::StatusOr<std::vector<VaultRow>> List(std::optional<std::string_view> tenant, const VaultPlace& place,
                                             std::size_t most) override {
    MutexLock lock(mutex_);
    std::vector<VaultRow> rows;
    for (auto it = rows_.upper_bound({place.tenant, place.name}); it != rows_.end() && rows.size() < most;
         ++it) {
      if (!tenant || it->first.first == *tenant) rows.push_back(it->second);
    }
    return rows;
  }

  absl::Status Put(const VaultRow& row) override {
    MutexLock lock(mutex_);
    const auto found = rows_.find({row.tenant, row.name});
    const std::int64_t version = found == rows_.end() ? 0 : found->second.version;
    const bool is_late = std::any_of(slots_.begin(), slots_.end(),
                                     [&](const auto& slot) { return slot.second.root > row.root; });
    if (version != row.version - 1 || is_late) return absl::AbortedError("the vault has changed");
    if (found == rows_.end() && rows_.size() >= kMaxSecrets)
      return absl::ResourceExhaustedError("the vault is full");
    rows_[{row.tenant, row.name}] = row;
    return absl::OkStatus();
  }

  absl::Status Rewrap(std::span<const VaultRow> rows) override {
    MutexLock lock(mutex_);
    for (const VaultRow& row : rows) {
      const auto found = rows_.find({row.tenant, row.name});
      if (found == rows_.end()) continue;
      VaultRow& kept = found->second;
      if (kept.version != row.version || kept.root >= row.root) continue;
      kept.root = row.root;
      kept.wrapped = row.wrapped;
    }
    return absl::OkStatus();
  }

  absl::Status Remove(std::string_view tenant, std::string_view name) override {
    MutexLock lock(mutex_);
    return rows_.erase({std::string(tenant), std::string(name)}) > 0
               ? absl::OkStatus()
               : absl::NotFoundError("there is no such secret");
  }

 private:
  Mutex mutex_;
  std::map<std::string, VaultSlot> slots_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, VaultRow> rows_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<VaultStore> NewMemoryVaultStore() { return std::make_unique<MemoryVaultStore>(); }

}  // namespace mcpgate
