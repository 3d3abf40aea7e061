// What the echo tool answers to the benchmarks' call, for servers that look at nothing.
#pragma once

#include <string_view>

namespace mcpgate::bench {

inline constexpr std::string_view kFixedAnswer =
    R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"The quick brown fox jumps over the lazy dog.","type":"text"}],)"
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"mcpgate","version":"0.1.0"}},"resultType":"complete"}})";

}  // namespace mcpgate::bench
