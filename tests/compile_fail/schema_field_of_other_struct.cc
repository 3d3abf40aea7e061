// expect: no matching function for call to .*Field
#include <string>

#include "mcpgate/schema.h"

struct Greeting {
  std::string name;
};
struct Farewell {
  std::string name;
};

mcpgate::Schema<Greeting> GreetingSchema() {
#ifdef MCPGATE_MUST_NOT_COMPILE
  return mcpgate::Schema<Greeting>().Field("name", &Farewell::name);
#else
  return mcpgate::Schema<Greeting>().Field("name", &Greeting::name);
#endif
}
