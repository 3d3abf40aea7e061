// Keys that live in no store.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "keys/key_book.h"
#include "keys/verified_cache.h"

namespace mcpgate {

/// StaticKeys
///
/// A list that is replaced whole. Safe for concurrent use.
class StaticKeys {
 public:
  /// Their ids, in order. InvalidArgument names the key, by its place, that is weak or repeated.
  absl::StatusOr<std::vector<std::string>> Replace(const KeyBook& book, const std::vector<StaticKey>& keys);
  /// Null when `token` is none of them. Takes the same time for each.
  std::shared_ptr<const VerifiedKey> Find(const KeyBook& book, std::string_view token) const;

 private:
  struct Entry {
    Digest hash;
    std::shared_ptr<const VerifiedKey> key;
  };
  using List = std::vector<Entry>;

  mutable Mutex mutex_;
  std::shared_ptr<const List> list_ MCPGATE_GUARDED_BY(mutex_);  ///< null: none
};

}  // namespace mcpgate
