// A whole tool: its arguments, what it says of itself, and what it does.
#pragma once

#include <string>

#include "mcpgate/schema.h"

struct Greeting {
  std::string name;
};

inline mcpgate::Tool GreetTool() {
  auto tool = mcpgate::MakeTool(
      "greet", "Greets somebody by name.",
      mcpgate::Schema<Greeting>().Field("name", &Greeting::name, "Whom to greet").MaxLength(80),
      [](const Greeting& greeting) { return "Hello, " + greeting.name + "!"; });
  tool.role = mcpgate::Role::kReader;
  tool.annotations = {.read_only = true, .destructive = false};
  return tool;
}
