// A store that can be made to lie, to fail and to be counted.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "mcpgate/key_store.h"

namespace mcpgate::testing {

/// Passes on to a memory store what its hooks do not change. Not thread-safe while hooks are set.
class StoreDouble : public KeyStore {
 public:
  using Found = absl::StatusOr<std::optional<KeyRecord>>;

  Found Find(std::string_view id) override {
    ++finds;
    const auto hook = on_find;  // a copy: a hook may replace itself
    return hook ? hook(rows->Find(id)) : rows->Find(id);
  }
  absl::StatusOr<KeyRows> List(const KeyQuery& query) override { return rows->List(query); }
  absl::StatusOr<std::optional<PersonRecord>> FindPerson(PersonKind kind, std::string_view tenant,
                                                         std::string_view id) override {
    return rows->FindPerson(kind, tenant, id);
  }
  absl::StatusOr<PersonRows> ListPeople(const PersonQuery& query) override { return rows->ListPeople(query); }
  absl::Status Apply(std::span<const RowChange> changes) override {
    const absl::Status status = BeforeChange();
    return status.ok() ? rows->Apply(changes) : status;
  }
  absl::Status NoteUses(std::span<const KeyUse> uses) override { return rows->NoteUses(uses); }
  absl::StatusOr<std::vector<KeyUse>> Uses(std::span<const std::string> ids) override {
    return rows->Uses(ids);
  }
  absl::StatusOr<KeyRows> ListEnded(std::int64_t by, std::string_view after, std::size_t limit) override {
    return rows->ListEnded(by, after, limit);
  }
  absl::Status Forget(std::span<const KeyRecord> keys) override {
    const absl::Status status = BeforeChange();
    return status.ok() ? rows->Forget(keys) : status;
  }
  absl::StatusOr<bool> HasForgotten() override { return rows->HasForgotten(); }
  std::uint64_t Revision() override { return rows->Revision() + revision_offset; }

  const std::unique_ptr<KeyStore> rows = NewMemoryKeyStore();
  std::function<Found(Found)> on_find;
  std::function<absl::Status()> before_change;
  std::uint64_t revision_offset = 0;
  std::atomic<int> finds{0};

 private:
  absl::Status BeforeChange() {
    const auto hook = before_change;
    return hook ? hook() : absl::OkStatus();
  }
};

}  // namespace mcpgate::testing
