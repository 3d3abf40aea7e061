// expect: no matching function|no viable|cannot convert|no known conversion|private
#include <string>

#include "mcpgate/tenant_scope.h"

mcpgate::TenantScope ScopeOf(const mcpgate::Principal& caller, const std::string& header) {
#ifdef MCPGATE_MUST_NOT_COMPILE
  (void)caller;
  return mcpgate::TenantScope::Of(header);
#else
  (void)header;
  return mcpgate::TenantScope::Of(caller);
#endif
}
