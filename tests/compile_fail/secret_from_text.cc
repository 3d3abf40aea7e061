// expect: could not convert|conversion from
#include "mcpgate/secret.h"

mcpgate::Secret Wrap() {
#ifdef MCPGATE_MUST_NOT_COMPILE
  return "a literal";
#else
  return mcpgate::Secret("a literal");
#endif
}
