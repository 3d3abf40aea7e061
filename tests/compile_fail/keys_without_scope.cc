// expect: no matching function|cannot convert|no viable|too few arguments
#include <string>

#include "mcpgate/key_admin.h"

bool IsThere(mcpgate::KeyAdmin& admin, const mcpgate::TenantScope& scope, const std::string& id) {
#ifdef MCPGATE_MUST_NOT_COMPILE
  (void)scope;
  return admin.Show(id).ok();
#else
  return admin.Show(scope, id).ok();
#endif
}
