// File: common/store.h
//
// A data directory, opened.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "mcpgate/key_store.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

/// The state of a data directory and the keys in it: all that administration needs.
struct Store {
  std::unique_ptr<SqliteStorage> storage;
  std::shared_ptr<Keyring> keyring;
};
/// NotFound when `options.create` is false and the directory holds no store.
absl::StatusOr<Store> OpenStore(SqliteOptions options);

}  // namespace mcpgate::hosts
