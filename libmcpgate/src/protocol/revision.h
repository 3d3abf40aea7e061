// File: protocol/revision.h
//
// The revisions of MCP that are spoken. "Modern" is 2026-07-28 and later: stateless, every request says its
// version.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mcpgate/json.h"

namespace mcpgate {

enum class Revision : std::uint8_t { k2025_03_26, k2025_06_18, k2025_11_25, k2026_07_28 };

inline constexpr Revision kNewestLegacy = Revision::k2025_11_25;
inline constexpr Revision kNewestModern = Revision::k2026_07_28;

inline bool IsModern(Revision revision) { return revision == Revision::k2026_07_28; }
std::string_view RevisionName(Revision revision);
/// The revision of that name, or nullopt.
std::optional<Revision> ParseRevision(std::string_view name);
/// ["2026-07-28"]: what discover lists. Legacy versions are left out, for a client could claim them the
/// modern way.
Json ModernRevisions();

}  // namespace mcpgate
