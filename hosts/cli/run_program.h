// File: cli/run_program.h
//
// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

struct ProgramEnd {
  int code = -1;    ///< the exit code; 128 + the signal that ended it
  std::string out;  ///< at most 1 MiB
  std::string err;  ///< the same
};
/// Runs `words[0]` with empty input and this program's environment. Unavailable: it cannot be started.
absl::StatusOr<ProgramEnd> RunProgram(std::vector<std::string> words);

}  // namespace mcpgate::hosts
