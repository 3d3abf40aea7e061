// File: tool/catalog_entry.h
//
// What every entry of a list has in common, whatever it is.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// The shapes of a list entry: what each revision knows.
///   k2025_03  no title, no output schema, no icons     k2025_06  output schema only when its type is
///   "object" k2025_11  icons too                                k2026     everything (2026-07-28)
enum class ListingForm : std::size_t { k2025_03 = 0, k2025_06 = 1, k2025_11 = 2, k2026 = 3 };

inline constexpr std::array kListingForms = {ListingForm::k2025_03, ListingForm::k2025_06,
                                             ListingForm::k2025_11, ListingForm::k2026};

/// CatalogEntry
///
/// Immutable once made; safe for concurrent use.
class CatalogEntry {
 public:
  /// Unique in its list: a name, an address or a template.
  const std::string& key() const { return key_; }
  /// What rules and the audit trail call it.
  const std::string& action() const { return action_; }
  Role role() const { return role_; }
  /// The entry as compact JSON text, made once.
  const std::string& Listing(ListingForm form) const { return listings_[static_cast<std::size_t>(form)]; }

 protected:
  CatalogEntry() = default;
  ~CatalogEntry() = default;

  std::string key_;
  std::string action_;
  Role role_ = Role::kAdmin;
  std::array<std::string, kListingForms.size()> listings_;
};

/// InvalidArgument unless `name` has 1 to 128 of [A-Za-z0-9_.-] (MCP 2025-11-25, "Tool Names").
absl::Status CheckEntryName(std::string_view what, std::string_view name);
/// Members that a revision does not know, or that are empty, are left out.
void AddTexts(Json& entry, ListingForm form, std::string_view title, std::string_view description);
void AddIcons(Json& entry, ListingForm form, const Json& icons);

}  // namespace mcpgate
