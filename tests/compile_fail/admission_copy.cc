// expect: use of deleted function
#include <utility>

#include "mcpgate/gate.h"

mcpgate::Admission Keep(mcpgate::Admission& admission) {
#ifdef MCPGATE_MUST_NOT_COMPILE
  return admission;
#else
  return std::move(admission);
#endif
}
