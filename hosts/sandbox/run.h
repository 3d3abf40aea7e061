// The sandbox as a program of its own, for `mcpgate sandbox`.
#pragma once

#include <string>

#include "sandbox/sandbox.h"

namespace mcpgate {

struct RunSandboxOptions {
  SandboxOptions sandbox;
  /// Where the bot token is written, mode 0600, for whoever starts a host against this sandbox; removed at
  /// the end. Empty: a new file in $XDG_RUNTIME_DIR or $TMPDIR.
  std::string token_file;
};

/// RunSandbox()
///
/// Prints one line on stdout, `base_url=<url> token_file=<path> state_url=<url> guild_id=<id>`, and serves
/// until SIGINT or SIGTERM. Returns the exit status; problems are said on stderr. Call it before any other
/// thread is started.
int RunSandbox(RunSandboxOptions options);

}  // namespace mcpgate
