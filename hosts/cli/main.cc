// mcpgate: keys, audit trail and set-up at the command line.
#include <stdio.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/console.h"
#include "common/stop_signals.h"
#include "common/table.h"

int main(int argc, char** argv) {
  using namespace mcpgate::hosts;
  const CommandLine line = ParseCommandLine(argc, argv);
  const Console console(line.json, WantsColour(STDOUT_FILENO));
  if (line.exit_code.has_value()) {
    console.Text(line.out);
    fputs(line.err.c_str(), stderr);
    return console.Flush() ? *line.exit_code : kFailed;
  }
  ForbidMemoryDumps();
  const int code = line.command(console);
  if (code == kDone && !console.Flush()) return console.Fail("the result could not be written");
  return code;
}
