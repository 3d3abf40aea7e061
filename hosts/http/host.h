// File: http/host.h
//
// mcpgate-http, from its options to its exit code.
#pragma once

#include <functional>

#include "http/options.h"

namespace mcpgate::hosts {

/// Serves until a signal comes. 0: that happened; 1: something failed; 2: options that do not go together, or
/// no bot token. Says on standard error what it serves, or what to do. `reread` gives the options anew; it is
/// called at SIGHUP, on another thread.
int RunHttpHost(const HttpHostOptions& options, std::function<ParsedHttpOptions()> reread);

}  // namespace mcpgate::hosts
