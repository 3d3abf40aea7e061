// A client that says whatever a test wants, byte by byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgate::testing {

/// What came back for one request.
struct Answer {
  int status = 0;
  std::string head;  ///< status line and fields
  std::string body;  ///< without chunks
  bool is_whole = false;

  /// The first field of that name, or "".
  std::string Field(std::string_view name) const;
  bool Has(std::string_view name) const;
};

/// Client
///
/// A TCP connection to a port of this machine. Every wait ends after ten seconds. Not thread-safe.
class Client {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// False when the other side has closed.
  bool Send(std::string_view text);
  /// Reads one answer; of a HEAD request, its head. What follows stays for the next call.
  Answer Read(bool is_head = false);
  Answer Ask(std::string_view text) {
    Send(text);
    return Read();
  }
  /// Until `end` was seen, and all that was read with it; "" when the connection ended before.
  std::string ReadUntil(std::string_view end);
  /// True when the other side closes (or resets) with nothing more to say.
  bool IsClosed();
  /// Everything up to the end of the connection.
  std::string ReadAll();
  /// No more will be sent; answers can still be read.
  void HalfClose();
  void Close();
  /// Closes so that the other side sees a reset.
  void Reset();
  int descriptor() const { return socket_; }

 private:
  bool More();
  bool ReadChunks(std::string& body);

  int socket_;
  std::string seen_;
};

}  // namespace mcpgate::testing
