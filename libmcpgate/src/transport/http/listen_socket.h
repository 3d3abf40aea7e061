// File: transport/http/listen_socket.h
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/descriptor.h"

namespace mcpgate::http {

/// ListenAddress
///
/// An interface's address and a port.
class ListenAddress {
 public:
  /// InvalidArgument unless `text` is an IPv4 or IPv6 address or "localhost".
  static absl::StatusOr<ListenAddress> Parse(std::string_view text, std::uint16_t port);

  int family() const { return storage_.ss_family; }
  std::string ToString() const;  ///< "127.0.0.1:80", "[::1]:80"

  /// A listening socket that does not block. `is_first` claims the port, so that no other program has it;
  /// the others join it (SO_REUSEPORT), and the port chosen by the system is known here from then on.
  absl::StatusOr<Descriptor> Listen(bool is_first);
  std::uint16_t port() const;

 private:
  absl::Status Fault(int error) const;
  int Open(int socket, bool is_first);

  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// The text of an address without its port; an IPv4 address in IPv6 clothes is IPv4.
std::string PeerText(const sockaddr_storage& address);

}  // namespace mcpgate::http
