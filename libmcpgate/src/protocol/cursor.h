// File: protocol/cursor.h
//
// Opaque cursors of lists: a position that only this server, or a replica with the same key, can have
// written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/secret.h"

namespace mcpgate {

/// The cursor that goes on after `position` in the list `list`.
std::string SealCursor(const Secret& key, std::string_view list, std::string_view position);
/// The position inside, or nullopt for anything SealCursor did not write with this key for this list.
std::optional<std::string> OpenCursor(const Secret& key, std::string_view list, std::string_view cursor);

}  // namespace mcpgate
