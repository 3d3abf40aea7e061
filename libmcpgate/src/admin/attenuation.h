// File: admin/attenuation.h
//
// Nobody grants what they have not.
#pragma once

#include "absl/status/status.h"
#include "mcpgate/principal.h"

namespace mcpgate::admin {

/// PermissionDenied names the first right in `wanted` that goes beyond the rights of `giver`: a higher role,
/// a tool beyond the role that is not the giver's, a resource the giver may not touch. Tools that the giver
/// is denied must be denied to the new key too.
absl::Status CheckMayGrant(const Principal& giver, const Grants& wanted);

}  // namespace mcpgate::admin
