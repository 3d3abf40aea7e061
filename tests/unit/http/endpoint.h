// A whole server behind Streamable HTTP on a free port, and requests as its clients write them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.h"
#include "mcpgate/http.h"
#include "mcpgate/streamable_http.h"
#include "support/talk.h"

namespace mcpgate::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr char kLeftOut[] = "\x01";  ///< as a field's value: the field is not sent

struct EndpointOptions {
  std::function<void(ServerOptions&)> tune{};
  StreamableHttpOptions http{};
  HttpListenerOptions listener{.threads = 2};
  std::vector<LimitPolicy> limits = {PostingLimit()};
};

/// Endpoint
///
/// Requests carry Host, a reader's key and what their body calls for, unless `fields` say otherwise.
struct Endpoint {
  explicit Endpoint(EndpointOptions options = {})
      : served(Serving{
            .registry = Everything(), .limits = std::move(options.limits), .tune = std::move(options.tune)}) {
    options.http.server = served.server.get();
    options.http.gate = served.gate.get();
    auto handler = NewStreamableHttp(std::move(options.http));
    REQUIRE(handler.ok());
    auto started = HttpListener::Start(std::move(options.listener), *std::move(handler));
    REQUIRE(started.ok());
    listener = *std::move(started);
    port = listener->port();
  }

  std::string Key(std::string_view role) const { return std::string(RevealSecret(served.As(role).api_key)); }
  std::string Bearer(std::string_view role) const { return "Bearer " + Key(role); }

  std::string Request(std::string_view method, Fields fields, std::string_view body = {},
                      std::string_view target = "/mcp") const {
    const auto complete = [&fields](const char* name, const std::string& value) {
      for (const auto& [known, text] : fields) {
        if (known == name) return;
      }
      fields.emplace_back(name, value);
    };
    complete("Host", "127.0.0.1:" + std::to_string(port));
    complete("Authorization", Bearer("reader"));
    complete("Accept", "application/json, text/event-stream");
    if (!body.empty()) {
      complete("Content-Type", "application/json");
      complete("Content-Length", std::to_string(body.size()));
    }
    std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields) {
      if (value != kLeftOut) text += name + ": " + value + "\r\n";
    }
    return text + "\r\n" + std::string(body);
  }

  /// With the headers that repeat the body, for a message of the 2026 era.
  std::string Post(const Json& message, Fields fields = {}) const {
    const Json version = At(message, "/params/_meta/io.modelcontextprotocol~1protocolVersion");
    const auto has = [&fields](std::string_view name) {
      for (const auto& [known, text] : fields) {
        if (known == name) return true;
      }
      return false;
    };
    if (version.is_string()) {
      if (!has("MCP-Protocol-Version"))
        fields.emplace_back("MCP-Protocol-Version", version.get<std::string>());
      if (!has("Mcp-Method")) fields.emplace_back("Mcp-Method", StringOr(message, "method", ""));
      const Json& params = message["params"];
      const std::string name = StringOr(params, "name", StringOr(params, "uri", ""));
      if (!name.empty() && !has("Mcp-Name")) fields.emplace_back("Mcp-Name", name);
    }
    return Request("POST", std::move(fields), DumpJson(message));
  }

  Answer Ask(const std::string& request) const { return Client(port).Ask(request); }
  Answer Ask(const Json& message, Fields fields = {}) const { return Ask(Post(message, std::move(fields))); }

  /// initialize; the id of the new session.
  std::string OpenSession(std::string_view role = "reader", std::string_view version = "2025-11-25") const {
    const Answer answer = Ask(Legacy(0, "initialize",
                                     {{"protocolVersion", version},
                                      {"capabilities", kCanAll},
                                      {"clientInfo", {{"name", "t"}, {"version", "1"}}}}),
                              {{"Authorization", Bearer(role)}});
    REQUIRE(answer.status == 200);
    return answer.Field("Mcp-Session-Id");
  }
  void EndSession(const std::string& id, std::string_view role = "reader") const {
    if (const auto session = served.server->FindSession(id, served.As(role)))
      served.server->EndSession(*session);
  }

  Served served;
  std::unique_ptr<HttpListener> listener;
  std::uint16_t port = 0;
};

/// The next event of a stream whose head was read.
inline Json Event(Client& client) {
  for (;;) {
    const std::string text = client.ReadUntil("\n\n");
    REQUIRE_MESSAGE(!text.empty(), "the stream has ended");
    const std::size_t data = text.find("data: ");
    if (data == text.npos || text.substr(data) == "data: \n\n") continue;  // a comment, or an id alone
    const auto message = ParseJson(text.substr(data + 6, text.size() - data - 8));
    REQUIRE(message.ok());
    return *message;
  }
}

/// The message of a JSON answer.
inline Json Body(const Answer& answer) {
  const auto message = ParseJson(answer.body);
  REQUIRE_MESSAGE(message.ok(), "no JSON: " << answer.head << answer.body);
  return *message;
}

/// Sends, and reads the head of the stream that answers.
inline void BeginStream(Client& client, const std::string& request) {
  REQUIRE(client.Send(request));
  const std::string head = client.ReadUntil("\r\n\r\n");
  REQUIRE_MESSAGE(head.find("Content-Type: text/event-stream") != head.npos, head);
}

}  // namespace mcpgate::testing
