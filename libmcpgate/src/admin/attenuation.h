// File: admin/attenuation.h
//
// Nobody grants what they have not.
#pragma once

#include "absl/status/status.h"
#include "mcpgate/principal.h"

namespace mcpgate::admin {

/// PermissionDenied names the first right in `wanted` that goes beyond the rights of `giver`: a higher role,
/// a tool beyond the role that is not the giver's, a resource the giver may not touch. Tools that the giver
/// is denied must be denied to the new key too. A session gives no more than it may itself.
absl::Status CheckMayGrant(const Principal& giver, const Grants& wanted);

/// PermissionDenied when `rights` are an operator's and the giver's are not: an administrator of a tenant
/// does not touch the keys of those who stand above tenants.
absl::Status CheckMayTouch(const Principal& giver, const Grants& rights);

}  // namespace mcpgate::admin
