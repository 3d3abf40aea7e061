// A tenant's view, for tests that have no verified key.
#pragma once

#include <string>

#include "mcpgate/tenant_scope.h"

namespace mcpgate::testing {

inline TenantScope ScopeOf(std::string tenant) {
  const Principal principal{.tenant = std::move(tenant)};
  return TenantScope::Of(principal);
}

}  // namespace mcpgate::testing
