// File: cli/command_line.h
//
// The words of the command line and what they mean.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

/// What the command line asks for: either a command, or a text to show and a code to exit with.
struct CommandLine {
  bool json = false;
  std::function<int(const Console&)> command;
  std::optional<int> exit_code;
  std::string out;  ///< for standard output (help, version)
  std::string err;  ///< for standard error
};
CommandLine ParseCommandLine(int argc, char** argv);

}  // namespace mcpgate::hosts
