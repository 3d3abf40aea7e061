// What everything about keys shares: the store, the secrets derived from the root key, the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/crypto.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"

namespace mcpgate {

/// How often a change is tried again when others change the same rows.
inline constexpr int kChangeAttempts = 64;

/// KeyBook
///
/// Constant; safe for concurrent use.
class KeyBook {
 public:
  explicit KeyBook(KeyringOptions options);

  KeyStore& store() const { return *store_; }
  const Secret& row_key() const { return row_key_; }
  const std::string& brand() const { return brand_; }
  void TellReplaced(const KeyRecord& by, const std::vector<std::string>& families) const {
    if (on_replaced_ && !families.empty()) on_replaced_({by.tenant, by.principal, by.family, families});
  }
  std::int64_t NowMillis() const;
  Digest HashOf(std::string_view token) const { return KeyedHash(pepper_, "key-hash", token); }
  /// Of a key that came as its SHA-256: keyed like every other, so that the store tells nothing about it.
  Digest HashOfImported(const Digest& sha256) const {
    return KeyedHash(pepper_, "key-imported", AsView(sha256));
  }
  /// The id of such a key, which its text does not have.
  std::string ImportedId(const Digest& sha256) const { return IdFrom("id-imported", AsView(sha256)); }
  /// The id of a key that lives in no store, the same in every process and after every start.
  std::string StaticId(std::string_view token) const { return IdFrom("id-static", token); }

  /// Sets the MAC, the last thing done to a row before it is stored.
  void Seal(KeyRecord& record) const;
  void Seal(PersonRecord& record) const;
  /// The same row as its next version: whoever else changes it meanwhile is too late.
  RowChange Touched(PersonRecord record) const;

  /// What a row says about its key now.
  KeyInfo InfoOf(std::string_view id, const absl::StatusOr<KeyRecord>& record) const;
  /// The key as it stands, tampered with or not. NotFound when there is none, or it is another tenant's.
  absl::StatusOr<KeyInfo> Show(const TenantScope& scope, std::string_view id) const;
  /// The authentic row. DataLoss when it is not.
  absl::StatusOr<PersonRecord> FindPerson(PersonKind kind, std::string_view tenant,
                                          std::string_view id) const;

 private:
  std::string IdFrom(std::string_view personal, std::string_view text) const;

  const std::shared_ptr<KeyStore> store_;
  const Secret pepper_;
  const Secret row_key_;
  const std::string brand_;
  const std::function<void(const ReplacedKeys&)> on_replaced_;
  const Clock& clock_;
};

/// NotFound. What is not an id is not repeated: it may be a whole key, pasted by mistake.
absl::Status NoSuchKey(std::string_view id);

}  // namespace mcpgate
