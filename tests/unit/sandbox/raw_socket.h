// A TCP connection to the sandbox that says whatever a test wants.
#pragma once

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

#include "sandbox/sandbox.h"

namespace mcpgate::testing {

/// Not thread-safe.
class RawSocket {
 public:
  explicit RawSocket(const Sandbox& sandbox) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const std::string& url = sandbox.base_url();
    std::uint16_t port = 0;
    std::from_chars(url.data() + url.rfind(':') + 1, url.data() + url.size(), port);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connected = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    REQUIRE(connected == 0);
  }
  ~RawSocket() { Close(); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  void Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the other side has heard enough
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Reads until `end` was seen (returns true) or the connection closed.
  bool ReadUntil(std::string_view end) {
    while (seen_.find(end) == std::string::npos) {
      char bytes[4096];
      const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      seen_.append(bytes, static_cast<std::size_t>(got));
    }
    return true;
  }
  /// Everything until the other side closes.
  std::string ReadAll() {
    ReadUntil("\x01never\x01");
    return seen_;
  }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  std::string seen_;
};

}  // namespace mcpgate::testing
