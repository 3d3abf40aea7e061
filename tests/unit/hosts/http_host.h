// mcpgate-http as a process on a free port, with a data directory and keys of its own.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "command_line.h"
#include "unit/http/client.h"

namespace mcpgate::testing {

struct HttpHost : CommandLine {
  std::unique_ptr<Program> program;
  Json ready;
  std::uint16_t port = 0;

  /// With the sandbox, on a free port.
  void Start(std::vector<std::string> more = {}, Program::Variables variables = {}) {
    more.insert(more.begin(), {kMcpgateHttp, "--data", data, "--sandbox", "--json"});
    // A variable, so that a test's own --listen wins.
    variables.emplace_back("MCPGATE_HTTP_LISTEN", "127.0.0.1:0");
    program = std::make_unique<Program>(more, variables);
    ready = ParseJson(program->ReadLine()).value_or(Json());
    port = static_cast<std::uint16_t>(IntegerOr(ready, "port", 0));
    if (port == 0) FAIL(program->Wait().err);
  }
  Ended Stop(int number = SIGTERM) {
    program->Signal(number);
    return program->Wait();
  }
  /// It must end by itself.
  Ended Refused(std::vector<std::string> more, const Program::Variables& variables = {}) const {
    more.insert(more.begin(), {kMcpgateHttp, "--data", data});
    return Run(more, variables);
  }

  std::string MakeToken() const {
    return StringOr(Create({"--role", "writer", "--channel", "*"}), "token", "");
  }
  static std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

  /// `fields` are whole lines.
  Answer Ask(const std::string& method, const std::string& path, const std::string& fields = "",
             const std::string& host = "localhost") const {
    Client client(port);
    client.Send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + fields +
                "\r\n");
    return client.Read(method == "HEAD");
  }
  Answer Get(const std::string& path, const std::string& fields = "") const {
    return Ask("GET", path, fields);
  }

  /// As the dashboard does.
  Answer LogIn(const std::string& key) const {
    const std::string body = DumpJson({{"key", key}});
    Client client(port);
    client.Send(
        "POST /v1/admin/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.Read();
  }

  /// Waits until a call is under way beside the request that asks; false when it looked for too long.
  bool SeesCall() const {
    for (int i = 0; i < 500; ++i) {
      if (Get("/metrics").body.find("mcpgate_http_requests_in_flight 2\n") != std::string::npos) return true;
    }
    return false;
  }

  /// A request of the 2026-07-28 era, whole.
  static std::string CallText(const std::string& token, const std::string& tool, Json arguments,
                              const std::string& fields = "") {
    const Json meta = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientInfo", {{"name", "test"}, {"version", "1"}}},
                       {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
    const Json params = {{"name", tool}, {"arguments", std::move(arguments)}, {"_meta", meta}};
    const std::string body =
        DumpJson({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/call"}, {"params", params}});
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + Bearer(token) +
           "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
           "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: " +
           tool + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
  }
  Answer CallTool(const std::string& token, const std::string& tool, Json arguments = Json::object(),
                  const std::string& fields = "") const {
    Client client(port);
    return client.Ask(CallText(token, tool, std::move(arguments), fields));
  }
};

}  // namespace mcpgate::testing
