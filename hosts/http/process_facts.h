// File: http/process_facts.h
//
// What the system knows of this process.
#pragma once

#include <cstdint>

namespace mcpgate::hosts {

struct ProcessFacts {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  double start_seconds = 0;  ///< Unix time
};
/// Zero where the system does not say.
ProcessFacts ReadProcessFacts();

}  // namespace mcpgate::hosts
