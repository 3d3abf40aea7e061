// Messages as a client of either era writes them, and a connection that sends them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/everything.h"
#include "support/served.h"

namespace mcpgate::testing {

/// What a client of the 2026 era can answer, as it says with each request.
inline const Json kCanAll = {{"elicitation", {{"form", Json::object()}, {"url", Json::object()}}},
                             {"sampling", Json::object()},
                             {"roots", Json::object()}};

inline Json Legacy(Json id, std::string_view method, Json params = Json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", std::move(params)}};
}

inline Json Modern(Json id, std::string_view method, Json params = Json::object(),
                   Json capabilities = Json::object()) {
  params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
  params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = std::move(capabilities);
  return Legacy(std::move(id), method, std::move(params));
}

inline Json Cancelled(Json id) {
  return {
      {"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", std::move(id)}}}};
}

inline Json Response(const Json& id, Json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

/// A person's answer to a form.
inline Json Filled(std::string_view name) { return {{"action", "accept"}, {"content", {{"name", name}}}}; }

/// The value at "/a/b" or null.
inline Json At(const Json& value, const std::string& path) {
  const Json::json_pointer pointer(path);
  return value.contains(pointer) ? value.at(pointer) : Json();
}

/// A client on one connection. Not thread-safe.
struct Talk {
  explicit Talk(Served& which, std::string whose = "reader") : served(which), role(std::move(whose)) {}
  ~Talk() { served.server->CancelAll(*session); }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  void Send(const Json& message) {
    served.server->Handle(DumpJson(message), {.credentials = served.As(role), .session = session}, heard);
  }
  /// The next message that came, which must come.
  Json Hear() {
    const std::string text = heard->Next();
    REQUIRE_MESSAGE(!text.empty(), "nothing was heard");
    return *ParseJson(text);
  }
  Json Ask(const Json& message) {
    Send(message);
    return Hear();
  }
  /// initialize, as a client of the 2025 era.
  void Open(std::string_view version = "2025-11-25", Json capabilities = kCanAll) {
    const Json answer = Ask(Legacy(0, "initialize",
                                   {{"protocolVersion", version},
                                    {"capabilities", std::move(capabilities)},
                                    {"clientInfo", {{"name", "t"}, {"version", "1"}}}}));
    REQUIRE(At(answer, "/result/protocolVersion") == version);
  }

  Served& served;
  std::string role;
  std::shared_ptr<Session> session = served.server->NewSession();
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
};

}  // namespace mcpgate::testing
