// expect: no matching function for call to
#include <string>

#include "mcpgate/secret.h"

std::string Show(const mcpgate::Secret& secret) {
#ifdef MCPGATE_MUST_NOT_COMPILE
  return std::string(secret);
#else
  return std::string(RevealSecret(secret));
#endif
}
