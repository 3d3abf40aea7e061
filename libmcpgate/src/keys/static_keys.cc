#include "keys/static_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/key_request.h"
#include "keys/token_strength.h"

namespace mcpgate {
namespace {

constexpr std::size_t kShortest = 22;  // of base64url or base62 digits: 128 bits and more
constexpr std::size_t kMost = 64;

absl::Status Wrong(std::size_t place, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("static key {}: {}", place + 1, why));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> StaticKeys::Replace(const KeyBook& book,
                                                             const std::vector<StaticKey>& keys) {
  if (keys.size() > kMost)
    return absl::InvalidArgumentError(fmt::format("{} static keys; at most {}", keys.size(), kMost));
  auto list = std::make_shared<List>();
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view token = RevealSecret(keys[i].token);
    if (!IsStrongToken(token, kShortest))
      return Wrong(
          i,
          "must be 22 to 512 visible ASCII characters that nobody could guess; make one with: openssl "
          "rand -base64 24");
    if (absl::Status bad = CheckGrants(keys[i].grants); !bad.ok())
      return Wrong(i, std::string(bad.message()));
    if (!IsTenantId(keys[i].tenant)) return Wrong(i, "its tenant is not an id");
    const std::string id = book.StaticId(token);
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return Wrong(i, "is there twice");
    ids.push_back(id);
    auto key = std::make_shared<VerifiedKey>();
    key->principal = {
        .key_id = id, .family = id, .tenant = keys[i].tenant, .name = keys[i].name, .grants = keys[i].grants};
    list->push_back({.hash = book.HashOf(token), .key = std::move(key)});
  }
  MutexLock lock(mutex_);
  list_ = list->empty() ? nullptr : std::move(list);
  return ids;
}

std::shared_ptr<const VerifiedKey> StaticKeys::Find(const KeyBook& book, std::string_view token) const {
  std::shared_ptr<const List> list;
  {
    MutexLock lock(mutex_);
    list = list_;
  }
  if (list == nullptr) return nullptr;
  const Digest hash = book.HashOf(token);
  std::shared_ptr<const VerifiedKey> found;
  for (const Entry& entry : *list) {
    if (ConstantTimeEqual(entry.hash, hash)) found = entry.key;
  }
  return found;
}

}  // namespace mcpgate
