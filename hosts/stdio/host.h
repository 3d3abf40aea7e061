// File: stdio/host.h
//
// mcpgate-stdio, from its options to its exit code.
#pragma once

#include "mcpgate/stdio.h"
#include "stdio/options.h"

namespace mcpgate::hosts {

/// Serves `channel` until input ends or a signal comes. 0: that happened; 1: something failed; 2: no key that
/// is accepted, or no bot token. Says on standard error what to do about it.
int RunStdioHost(const StdioHostOptions& options, StdioChannel channel);

}  // namespace mcpgate::hosts
