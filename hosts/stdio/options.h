// File: stdio/options.h
//
// The command line of mcpgate-stdio. Each option is also an environment variable, for clients that can set
// nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/log.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

struct StdioHostOptions {
  std::string data;  ///< as given; empty: the usual place
  std::string key_file;
  std::string discord_token_file;
  std::string discord_url;
  bool sandbox = false;
  std::chrono::milliseconds sandbox_latency{0};
  std::uint64_t sandbox_seed = 1;
  std::vector<LimitPolicy> limits;
  LogLevel log_level = LogLevel::kWarning;
  bool core_dumps = false;
};

/// What the command line asks for: either options, or a text to show and a code to exit with.
struct ParsedStdioOptions {
  StdioHostOptions options;
  std::optional<int> exit_code;
  std::string out;  ///< for standard output (help, version)
  std::string err;  ///< for standard error
};
ParsedStdioOptions ParseStdioOptions(int argc, char** argv);

}  // namespace mcpgate::hosts
