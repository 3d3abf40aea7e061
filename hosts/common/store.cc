// Apart from wire.cc, so that a program which only administers does not load what Discord needs.
#include "common/store.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>
#include <utility>

#include "common/notice_text.h"

namespace mcpgate::hosts {
namespace {

// Whatever process replaced them, one that delivers notices finds it.
std::function<void(const ReplacedKeys&)> PostReplaced(SqliteStorage& storage,
                                                      std::function<void(std::string_view)> log) {
  return [&storage, log = std::move(log)](const ReplacedKeys& replaced) {
    const absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = storage.notices();
    const absl::Status posted = outbox.ok() ? (*outbox)->Post(NoticeOf(replaced)) : outbox.status();
    if (!posted.ok() && log)
      log(fmt::format("the notice that keys were replaced is lost: {}", std::string(posted.message())));
  };
}

}  // namespace

absl::StatusOr<Store> OpenStore(SqliteOptions options) {
  Store store;
  std::function<void(std::string_view)> log = options.log;
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = SqliteStorage::Open(std::move(options));
  if (!storage.ok()) return storage.status();
  store.storage = *std::move(storage);
  absl::StatusOr<std::unique_ptr<Keyring>> keyring =
      Keyring::New({.store = store.storage->keys(),
                    .root_key = store.storage->root_key(),
                    .on_replaced = PostReplaced(*store.storage, std::move(log))});
  if (!keyring.ok()) return keyring.status();
  store.keyring = *std::move(keyring);
  return store;
}

}  // namespace mcpgate::hosts
