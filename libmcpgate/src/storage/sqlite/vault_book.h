// File: storage/sqlite/vault_book.h
//
// Everything about vault.db: its tables and their writer.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/vault.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// VaultTable
///
/// Not thread-safe; the writer's.
class VaultTable : public Tables {
 public:
  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return absl::OkStatus(); }
  void GroupEnded(bool) override {}

  // As VaultStore; a full vault is AlreadyExists here, which undoes nothing of its group.
  absl::Status Slots(std::vector<VaultSlot>& slots);
  absl::Status ChangeSlots(std::span<const std::string> expected, std::span<const VaultSlot> added,
                           std::span<const std::string> removed);
  absl::Status Find(std::string_view tenant, std::string_view name, std::optional<VaultRow>& row);
  absl::Status List(std::optional<std::string_view> tenant, const VaultPlace& place, std::size_t most,
                    std::vector<VaultRow>& rows);
  absl::Status Put(const VaultRow& row);
  absl::Status Rewrap(std::span<const VaultRow> rows);
  absl::Status Remove(std::string_view tenant, std::string_view name);

 private:
  absl::StatusOr<bool> HasPlaceFor(const VaultRow& row);

  Database* db_ = nullptr;
  Statement slots_, insert_slot_, delete_slot_, find_, list_, list_tenant_, newest_root_, count_, replace_,
      rewrap_, remove_;
};

struct VaultBook {
  explicit VaultBook(const Clock&) {}
  VaultTable table;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

std::shared_ptr<VaultStore> NewVaultStore(std::shared_ptr<VaultBook> book);

}  // namespace mcpgate::sqlite
