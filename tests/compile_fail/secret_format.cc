// expect: formatter|formattable
#include <fmt/format.h>

#include "mcpgate/secret.h"

std::string Show(const mcpgate::Secret& secret) {
#ifdef MCPGATE_MUST_NOT_COMPILE
  return fmt::format("{}", secret);
#else
  return fmt::format("{}", secret.size());
#endif
}
