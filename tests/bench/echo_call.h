// The call that every benchmark over a wire makes: tools/call of the echo tool in the stateless revision.
#pragma once

#include <cstdint>
#include <string>

namespace mcpgate::bench {

inline const std::string kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}})";

inline std::string EchoCall(std::uint64_t id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":"The quick brown fox jumps over the lazy dog."},)" +
         kMeta + "}}";
}

}  // namespace mcpgate::bench
