// File: common/store.h
//
// A data directory, opened.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/key_store.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

/// The state of a data directory and the keys in it: all that administration needs.
struct Store {
  std::unique_ptr<SqliteStorage> storage;
  std::shared_ptr<Keyring> keyring;
};
/// NotFound when `create` is false and `directory` holds no store.
absl::StatusOr<Store> OpenStore(const std::string& directory, bool create,
                                std::function<void(std::string_view)> log = nullptr);

}  // namespace mcpgate::hosts
