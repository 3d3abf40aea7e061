#include "transport/http/listen_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/status/status.h"

namespace mcpgate::http {
namespace {

sockaddr_in& V4(sockaddr_storage& storage) { return reinterpret_cast<sockaddr_in&>(storage); }
sockaddr_in6& V6(sockaddr_storage& storage) { return reinterpret_cast<sockaddr_in6&>(storage); }
sockaddr* Any(sockaddr_storage& storage) { return reinterpret_cast<sockaddr*>(&storage); }

bool Set(int socket, int level, int option, int value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

}  // namespace

absl::StatusOr<ListenAddress> ListenAddress::Parse(std::string_view text, std::uint16_t port) {
  const std::string literal(text == "localhost" ? "127.0.0.1" : text);
  ListenAddress address;
  if (inet_pton(AF_INET, literal.c_str(), &V4(address.storage_).sin_addr) == 1) {
    address.storage_.ss_family = AF_INET;
    address.size_ = sizeof(sockaddr_in);
    V4(address.storage_).sin_port = htons(port);
    return address;
  }
  if (inet_pton(AF_INET6, literal.c_str(), &V6(address.storage_).sin6_addr) == 1) {
    address.storage_.ss_family = AF_INET6;
    address.size_ = sizeof(sockaddr_in6);
    V6(address.storage_).sin6_port = htons(port);
    return address;
  }
  return absl::InvalidArgumentError(fmt::format(
      "address '{}' is not an IPv4 or IPv6 address; use 127.0.0.1 for this machine only, 0.0.0.0 or :: "
      "for all interfaces",
      text));
}

std::uint16_t ListenAddress::port() const {
  sockaddr_storage storage = storage_;
  return ntohs(family() == AF_INET ? V4(storage).sin_port : V6(storage).sin6_port);
}

std::string ListenAddress::ToString() const {
  const std::string text = PeerText(storage_);
  return family() == AF_INET6 ? fmt::format("[{}]:{}", text, port()) : fmt::format("{}:{}", text, port());
}

absl::StatusOr<Descriptor> ListenAddress::Listen(bool is_first) {
  Descriptor socket(::socket(family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return Fault(errno);
  if (const int error = Open(socket.get(), is_first); error != 0) return Fault(error);
  return socket;
}

int ListenAddress::Open(int socket, bool is_first) {
  Set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (family() == AF_INET6) Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);  // "::" is all interfaces
  // Sharing is allowed after the first bind only: with it, that bind would succeed beside another program.
  if (!is_first && !Set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) return errno;
  if (bind(socket, Any(storage_), size_) != 0) return errno;
  if (is_first && !Set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) return errno;
  if (listen(socket, SOMAXCONN) != 0) return errno;
  return getsockname(socket, Any(storage_), &size_) == 0 ? 0 : errno;
}

absl::Status ListenAddress::Fault(int error) const {
  if (error == EADDRINUSE) {
    return absl::UnavailableError(fmt::format(
        "address already in use: another program listens on {}; choose another port, or 0 for any free one",
        ToString()));
  }
  if (error == EACCES) {
    return absl::UnavailableError(
        fmt::format("not allowed to listen on {}; choose a port above 1023", ToString()));
  }
  if (error == EADDRNOTAVAIL) {
    return absl::UnavailableError(fmt::format(
        "no interface of this machine has the address {}; use 127.0.0.1 for this machine only, 0.0.0.0 "
        "or :: for all interfaces",
        PeerText(storage_)));
  }
  return absl::UnavailableError(
      fmt::format("cannot listen on {}: {}", ToString(), std::generic_category().message(error)));
}

std::string PeerText(const sockaddr_storage& address) {
  sockaddr_storage storage = address;
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &V4(storage).sin_addr, text, sizeof text);
  } else if (storage.ss_family == AF_INET6) {
    const in6_addr& six = V6(storage).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
      inet_ntop(AF_INET, six.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &six, text, sizeof text);
    }
  }
  return text;
}

}  // namespace mcpgate::http
