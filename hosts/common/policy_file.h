// File: common/policy_file.h
//
// Rules of roles, in a file: one JSON object, comments allowed.
//
//   {
//     "roles": {
//       "writer": {"allow": ["reports_*"], "deny": ["discord_send_message"]},   // beyond what tools declare
//       "reader": {"deny": ["discord_read_*"]}
//     }
//   }
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/policy.h"

namespace mcpgate::hosts {

/// InvalidArgument: "line 3: roles.writer.allow[0]: ...", the first thing that is wrong.
absl::StatusOr<std::shared_ptr<const Policy>> ParsePolicy(std::string_view text);
/// The same for a file of at most 1 MiB; the message begins with its name: "policy.json:3: ...".
absl::StatusOr<std::shared_ptr<const Policy>> ReadPolicyFile(const std::string& path);

}  // namespace mcpgate::hosts
