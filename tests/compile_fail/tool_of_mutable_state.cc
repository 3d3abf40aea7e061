// expect: MakeTool: fn must be callable, as const, with
#include <string>

#include "mcpgate/schema.h"

mcpgate::Tool Count() {
#ifdef MCPGATE_MUST_NOT_COMPILE
  auto count = [n = 0](const mcpgate::NoArguments&) mutable { return std::to_string(++n); };
#else
  auto count = [n = 0](const mcpgate::NoArguments&) { return std::to_string(n + 1); };
#endif
  return mcpgate::MakeTool("count", "Counts.", mcpgate::Schema<mcpgate::NoArguments>(), count);
}
