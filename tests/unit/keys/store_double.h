// A store that can be made to lie, to fail and to be counted.
#pragma once

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
  absl::StatusOr<std::vector<StoredKey>> List(std::string_view after, std::size_t limit) override {
    return rows->List(after, limit);
  }
  absl::Status Insert(const KeyRecord& record) override {
    const absl::Status status = BeforeChange();
    return status.ok() ? rows->Insert(record) : status;
  }
  absl::Status Update(const KeyRecord& record) override {
    const absl::Status status = BeforeChange();
    return status.ok() ? rows->Update(record) : status;
  }
  std::uint64_t Revision() override { return rows->Revision() + revision_offset; }

  const std::unique_ptr<KeyStore> rows = NewMemoryKeyStore();
  std::function<Found(Found)> on_find;
  std::function<absl::Status()> before_change;
  std::uint64_t revision_offset = 0;
  int finds = 0;

 private:
  absl::Status BeforeChange() {
    const auto hook = before_change;
    return hook ? hook() : absl::OkStatus();
  }
};

}  // namespace mcpgate::testing
