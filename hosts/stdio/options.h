// File: stdio/options.h
//
// The command line of mcpgate-stdio. Each option is also an environment variable, for clients that can set
// nothing else.
#pragma once

#include <string>

#include "common/shared_options.h"

namespace mcpgate::hosts {

struct StdioHostOptions : SharedOptions {
  std::string key_file;
};

struct ParsedStdioOptions : Parsed {
  StdioHostOptions options;
};
ParsedStdioOptions ParseStdioOptions(int argc, char** argv);

}  // namespace mcpgate::hosts
