// mcpgate-http: MCP tools behind the gate, over HTTP.
#include <string>

#include "common/file_write.h"
#include "http/host.h"
#include "http/options.h"

int main(int argc, char** argv) {
  const auto read = [argc, argv] { return mcpgate::hosts::ParseHttpOptions(argc, argv); };
  const mcpgate::hosts::ParsedHttpOptions parsed = read();
  if (parsed.exit_code.has_value()) {
    const absl::Status shown = mcpgate::hosts::WriteAll(1, parsed.out, "standard output");
    (void)mcpgate::hosts::WriteAll(2, parsed.err, "standard error");
    return shown.ok() ? *parsed.exit_code : 1;
  }
  return mcpgate::hosts::RunHttpHost(parsed.options, read);
}
