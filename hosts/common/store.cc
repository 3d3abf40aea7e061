// Apart from wire.cc, so that a program which only administers does not load what Discord needs.
#include "common/store.h"

#include <utility>

namespace mcpgate::hosts {

absl::StatusOr<Store> OpenStore(SqliteOptions options) {
  Store store;
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = SqliteStorage::Open(std::move(options));
  if (!storage.ok()) return storage.status();
  store.storage = *std::move(storage);
  absl::StatusOr<std::unique_ptr<Keyring>> keyring =
      Keyring::New({.store = store.storage->keys(), .root_key = store.storage->root_key()});
  if (!keyring.ok()) return keyring.status();
  store.keyring = *std::move(keyring);
  return store;
}

}  // namespace mcpgate::hosts
