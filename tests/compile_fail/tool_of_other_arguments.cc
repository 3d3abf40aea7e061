// expect: MakeTool: fn must be callable, as const, with
#include <string>

#include "mcpgate/schema.h"

struct Greeting {
  std::string name;
};
struct Farewell {
  std::string name;
};

mcpgate::Tool Greet() {
#ifdef MCPGATE_MUST_NOT_COMPILE
  const auto greet = [](const Farewell& args) { return "Hello, " + args.name; };
#else
  const auto greet = [](const Greeting& args) { return "Hello, " + args.name; };
#endif
  return mcpgate::MakeTool("greet", "Greets.", mcpgate::Schema<Greeting>().Field("name", &Greeting::name),
                           greet);
}
