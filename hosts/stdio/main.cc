// mcpgate-stdio: MCP tools behind the gate, over standard input and output.
#include <string>
#include <string_view>

#include "common/file_write.h"
#include "mcpgate/stdio.h"
#include "stdio/host.h"
#include "stdio/options.h"

int main(int argc, char** argv) {
  // First of all: nothing that is printed from here on can reach the client by accident.
  absl::StatusOr<mcpgate::StdioChannel> channel = mcpgate::TakeStandardStreams();
  if (!channel.ok()) {
    const std::string line = "mcpgate-stdio: " + std::string(channel.status().message()) + "\n";
    (void)mcpgate::hosts::WriteAll(2, line, "standard error");
    return 1;
  }
  const mcpgate::hosts::ParsedStdioOptions parsed = mcpgate::hosts::ParseStdioOptions(argc, argv);
  if (parsed.exit_code.has_value()) {
    const absl::Status shown = mcpgate::hosts::WriteAll(channel->out, parsed.out, "standard output");
    (void)mcpgate::hosts::WriteAll(2, parsed.err, "standard error");
    return shown.ok() ? *parsed.exit_code : 1;
  }
  return mcpgate::hosts::RunStdioHost(parsed.options, *channel);
}
