// File: discord/error_table.h
//
// Discord's error codes that a caller can do something about.
#pragma once

#include <cstdint>
#include <string_view>

#include "discord/errors.h"
#include "mcpgate/export.h"

namespace mcpgate {

struct DiscordErrorRow {
  std::int64_t code;
  DiscordError::Kind kind;
  std::string_view meaning;
  std::string_view advice;
};
/// nullptr: not in the table.
MCPGATE_EXPORT const DiscordErrorRow* FindDiscordError(std::int64_t code);

}  // namespace mcpgate
