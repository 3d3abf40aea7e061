// The tool that every server of the benchmarks offers: read-only, quick, says again what it is told.
#pragma once

#include <string>

#include "mcpgate/schema.h"
#include "mcpgate/tool.h"

namespace mcpgate::bench {

struct Said {
  std::string text;
};

inline Tool EchoTool() {
  auto tool = MakeTool("echo", "Says it again.",
                       Schema<Said>().Field("text", &Said::text, "What to say").MaxLength(400),
                       [](const Said& said) { return said.text; });
  tool.role = Role::kReader;
  tool.annotations = {.read_only = true, .destructive = false};
  tool.run_on = RunOn::kInline;
  return tool;
}

}  // namespace mcpgate::bench
