// File: stop_request.h
//
// When a program under test is to end: at SIGTERM or SIGINT, and when whoever started it is gone.
#pragma once

namespace mcpgate::conformance {

/// Takes the two signals over, and ignores SIGPIPE. First thing in main().
void CatchStopSignals();
/// Returns at the first signal, or at the end of standard input.
void WaitForStop();

}  // namespace mcpgate::conformance
