// File: common/program_path.h
//
// Where programs are.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

/// The absolute path of the program `name`: beside the running program, else in $PATH. NotFound when it is in
/// neither.
absl::StatusOr<std::string> FindProgram(const std::string& name);

}  // namespace mcpgate::hosts
