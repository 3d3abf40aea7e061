// The verbs of KeyAdmin over a store; each group has its own source.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "keys/key_book.h"
#include "mcpgate/key_admin.h"

namespace mcpgate {

/// A family as it was read: the key that was asked for, and the secrets that still count.
struct Family {
  KeyInfo asked;
  std::vector<KeyRecord> live;  ///< neither revoked nor over; disabled ones count

  /// The newest secret; null when none is live.
  KeyRecord* current();
  /// The old secret of a rotation that is under way; null when none is.
  KeyRecord* old();
};

/// StoreKeyAdmin
///
/// Safe for concurrent use: it holds nothing but the book.
class StoreKeyAdmin : public KeyAdmin {
 public:
  explicit StoreKeyAdmin(const KeyBook& book) : book_(book) {}

  absl::StatusOr<IssuedKey> Issue(const TenantScope& scope, const KeyRequest& request) override;
  absl::StatusOr<KeyInfo> Show(const TenantScope& scope, std::string_view id) override;
  absl::StatusOr<KeyPage> List(const TenantScope& scope, const KeyQuery& query) override;
  absl::StatusOr<std::vector<KeyUse>> Uses(const TenantScope& scope,
                                           std::span<const std::string> ids) override;
  absl::StatusOr<KeyPage> Expiring(const TenantScope& scope, const KeyQuery& query, Nanos within) override;
  absl::StatusOr<KeyInfo> Update(const TenantScope& scope, std::string_view id,
                                 const KeyChange& change) override;
  absl::StatusOr<KeyInfo> SetDisabled(const TenantScope& scope, std::string_view id, bool disabled) override;
  absl::StatusOr<KeyInfo> Revoke(const TenantScope& scope, std::string_view id) override;
  absl::StatusOr<KeyInfo> RevokeFamily(const TenantScope& scope, std::string_view id) override;
  absl::StatusOr<MassRevocation> RevokeAll(const TenantScope& scope, const KeyFilter& filter,
                                           bool dry_run) override;
  absl::StatusOr<ForgottenKeys> ForgetEnded(const TenantScope& scope,
                                            const KeyForgetting& forgetting) override;
  absl::StatusOr<IssuedKey> Rotate(const TenantScope& scope, std::string_view id, Nanos overlap) override;
  absl::StatusOr<KeyInfo> FinishRotation(const TenantScope& scope, std::string_view id) override;
  absl::StatusOr<KeyInfo> UndoRotation(const TenantScope& scope, std::string_view id) override;
  absl::StatusOr<IssuedKey> MintSession(const TenantScope& scope, const SessionRequest& request) override;
  absl::StatusOr<KeyInfo> Import(const TenantScope& scope, const ImportedKey& key) override;
  absl::StatusOr<Secret> BeginBootstrap() override;
  absl::StatusOr<IssuedKey> Bootstrap(const Secret& token, std::string_view address,
                                      const KeyRequest& request) override;

 private:
  using Rows = std::vector<RowChange>;
  /// Whether there is no key but a bootstrap token.
  absl::StatusOr<bool> IsAlone() const;
  using Edit = std::function<absl::Status(Family& family, Rows& changes)>;

  // What a request asks for, without id and secret. Names the field that is wrong.
  absl::StatusOr<KeyRecord> Draft(const TenantScope& scope, const KeyRequest& request) const;
  // `draft` with an id and a secret of its own; its family, unless it has one, is its id.
  IssuedKey MakeKey(KeyRecord draft) const;
  // `record` as its next version.
  RowChange Changed(KeyRecord record) const;
  RowChange Revoked(KeyRecord record) const;

  absl::StatusOr<std::vector<KeyRecord>> AllRows(KeyQuery query) const;
  absl::StatusOr<Family> LoadFamily(const TenantScope& scope, std::string_view id) const;
  // Reads the family, lets `edit` say what changes, and applies it; again while others are faster. Answers
  // the key that was asked for.
  absl::StatusOr<KeyInfo> ChangeFamily(const TenantScope& scope, std::string_view id, const Edit& edit);

  absl::Status ApplyIssuePolicy(IssuedKey& issued, Rows& changes) const;
  absl::Status ApplySessionLimit(const KeyRecord& parent, Rows& changes) const;
  absl::StatusOr<std::vector<KeyRecord>> ChooseLive(const TenantScope& scope, const KeyFilter& filter,
                                                    std::size_t limit) const;

  const KeyBook& book_;
};

}  // namespace mcpgate
