// File: base/checkpoint.h
//
// What a log of some size is (c2sp.org/tlog-checkpoint).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/crypto.h"
#include "mcpgate/export.h"

namespace mcpgate {

struct Checkpoint {
  std::string origin{};
  std::uint64_t size = 0;
  Digest root{};
  std::vector<std::string> extensions{};  ///< further lines, without line ends
};
/// The text to sign: a line for each member.
MCPGATE_EXPORT std::string CheckpointText(const Checkpoint& checkpoint);
/// InvalidArgument when `text` is none.
MCPGATE_EXPORT absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

}  // namespace mcpgate
