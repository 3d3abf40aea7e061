// File: vault/slots.h
//
// The root of a vault, and the slots that hold it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/vault.h"

namespace mcpgate::vault {

/// InvalidArgument when nobody should rely on it.
absl::Status CheckUnlock(const VaultUnlock& unlock);

/// A new slot that `unlock` opens. ResourceExhausted: there is no memory for argon2id at this cost.
absl::StatusOr<VaultSlot> MakeSlot(const VaultUnlock& unlock, const PassphraseCost& cost, std::int64_t number,
                                   const Secret& root);
/// The root, or nullopt: it is another's slot, or was changed.
std::optional<Secret> OpenSlot(const VaultSlot& slot, const VaultUnlock& unlock);

/// The slots of a store at one moment, and the roots that one unlock opens. During a rekey there are two.
struct Roots {
  std::vector<VaultSlot> slots{};
  std::map<std::int64_t, Secret> open{};

  std::int64_t newest() const;  ///< 0: there are no slots
  bool IsMoving() const;        ///< a rekey is under way, or was interrupted
  std::vector<std::string> Ids() const;
  std::vector<std::string> OldIds() const;
  const Secret* Find(std::int64_t number) const;
};
Roots OpenSlots(std::vector<VaultSlot> slots, const VaultUnlock& unlock);

}  // namespace mcpgate::vault
