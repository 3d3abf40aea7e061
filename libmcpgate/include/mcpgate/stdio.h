// File: stdio.h
//
// MCP over standard input and output: one JSON-RPC message a line.
#pragma once

#include <stop_token>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/server.h"

namespace mcpgate {

/// The two descriptors messages travel on.
struct StdioChannel {
  int in = -1;
  int out = -1;
};

/// Takes standard input and output for messages alone: from now on fd 0 reads nothing and fd 1 is stderr, so
/// that a stray print, here or in a child process, cannot break the client. Call first in main().
MCPGATE_EXPORT absl::StatusOr<StdioChannel> TakeStandardStreams();

struct StdioOptions {
  StdioChannel channel{};
  Credentials credentials{};
  std::size_t max_line = 4u << 20;        ///< bytes; a longer line is skipped and answered with an error
  Nanos grace = std::chrono::seconds(2);  ///< for calls in flight when input ends
  std::stop_token stop{};                 ///< ends the loop like end of input (SIGTERM)
};

/// Serves until input ends, `stop` is requested or output breaks. Then calls in flight get `grace` to answer,
/// the rest is cancelled. OK in the first two cases. Confine to one thread.
MCPGATE_EXPORT absl::Status ServeStdio(Server& server, StdioOptions options);

}  // namespace mcpgate
