// File: admin/web_socket.h
//
// WebSockets (RFC 6455) over the tunnel of an exchange. Boost.Beast speaks the protocol.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admin/audit_viewer.h"
#include "mcpgate/http.h"

namespace mcpgate::admin {

/// What of a request asks for a WebSocket, copied from its views.
struct Handshake {
  std::string target, host, connection, upgrade, key, version;

  /// nullopt when the request asks for none, or for none that is well-formed.
  static std::optional<Handshake> Of(const HttpRequest& request);
};

/// WebSockets
///
/// Takes handshakes. Safe for concurrent use; so is each socket.
class WebSockets {
 public:
  WebSockets();
  ~WebSockets();
  WebSockets(const WebSockets&) = delete;
  WebSockets& operator=(const WebSockets&) = delete;

  /// Answers the handshake; the trail is told as messages of text, each one JSON object:
  /// {"type":"record","seq":7,"record":{...}} or {"type":"gap","from":1,"to":6}. What the client sends is
  /// bounded and not looked at. One that answers no ping for three quiet spells has gone.
  std::unique_ptr<AuditViewer> Accept(const Handshake& handshake, std::shared_ptr<HttpExchange> exchange);

 private:
  class Loop;
  class Pipe;
  class Socket;
  class Viewer;
  const std::shared_ptr<Loop> loop_;
};

}  // namespace mcpgate::admin
