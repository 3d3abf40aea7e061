// expect: MakeTool: fn must return std::string, ToolResult
#include <string>

#include "mcpgate/schema.h"

mcpgate::Tool Count() {
#ifdef MCPGATE_MUST_NOT_COMPILE
  const auto count = [](const mcpgate::NoArguments&) { return 1; };
#else
  const auto count = [](const mcpgate::NoArguments&) { return std::to_string(1); };
#endif
  return mcpgate::MakeTool("count", "Counts.", mcpgate::Schema<mcpgate::NoArguments>(), count);
}
