// File: schema.h
//
// Typed tools. One declaration gives the JSON Schema, the decoder and the message for a wrong argument:
//
//   struct Greeting { std::string name; std::optional<std::int64_t> times; };
//   Tool greet = MakeTool("greet", "Greets somebody.",
//       Schema<Greeting>().Field("name", &Greeting::name, "Whom to greet").MaxLength(80)
//                         .Field("times", &Greeting::times, "How often").Between(1, 5),
//       [](const Greeting& g) { return "Hello, " + g.name; });
#pragma once

// To be written.
#include "mcpgate/tool.h"
