// File: cli/recorded.h
//
// A change with both of its records around it.
#pragma once

#include <string>
#include <utility>

#include "cli/console.h"
#include "common/admin_change.h"
#include "common/store.h"

namespace mcpgate::hosts {

/// Records that `action` is about to be done to `key`, calls `change`, which answers a StatusOr, and records
/// how it went. `id_of` says which key a result is of. When the intent cannot be recorded nothing is done.
template <typename Change, typename IdOf>
auto Recorded(const Console& console, Store& store, std::string action, std::string key,
              AdminChange::Fields fields, Change change, IdOf id_of) -> decltype(change()) {
  absl::StatusOr<AdminChange> recording =
      AdminChange::Begin(*store.storage->audit(), std::move(action), key, std::move(fields));
  if (!recording.ok()) return recording.status();
  auto result = change();
  const absl::Status recorded = recording->End(result.status(), result.ok() ? id_of(*result) : key);
  if (!recorded.ok())
    console.Note("the outcome is missing in the audit trail: " + std::string(recorded.message()));
  return result;
}

}  // namespace mcpgate::hosts
