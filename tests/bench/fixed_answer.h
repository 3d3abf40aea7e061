// What the echo tool answers to the benchmarks' call, for servers that look at nothing.
#pragma once

#include <string_view>

namespace mcpgate::bench {

inline constexpr std::string_view kFixedAnswer =
    R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"The quick brown fox jumps over the lazy dog."}],)"
    R"("resultType":"complete"}})";

}  // namespace mcpgate::bench
