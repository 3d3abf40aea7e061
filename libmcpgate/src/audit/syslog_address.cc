#include "audit/syslog_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mcpgate {
namespace {

// What certainly fits into one datagram; RFC 5424, 6.1 lets a longer message be cut.
constexpr std::size_t kMaxDatagram = 60'000;

// An abrupt end must be seen before a message is written into a dead connection.
bool PeerHasClosed(int fd) {
  char byte;
  const ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

timeval TimevalOf(Nanos span) {
  const auto micros =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count(), 1);
  return {.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
}

}  // namespace

absl::StatusOr<SyslogAddress> ParseSyslogAddress(std::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError(
      fmt::format("'{}' is no syslog address; write unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT", text));
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return wrong;
  const std::string_view kind = text.substr(0, colon), rest = text.substr(colon + 1);
  if (kind == "unix") {
    if (!rest.starts_with('/') || rest.size() >= sizeof(sockaddr_un::sun_path)) return wrong;
    return SyslogAddress{.kind = SyslogAddress::Kind::kUnix, .path = std::string(rest)};
  }
  if (kind != "udp" && kind != "tcp") return wrong;
  const std::size_t split = rest.rfind(':');
  if (split == rest.npos || split == 0) return wrong;
  std::string_view host = rest.substr(0, split);
  const std::string_view port = rest.substr(split + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return wrong;
  return SyslogAddress{.kind = kind == "udp" ? SyslogAddress::Kind::kUdp : SyslogAddress::Kind::kTcp,
                       .host = std::string(host),
                       .port = std::string(port)};
}

absl::Status SyslogSocket::Failed(std::string_view what) const {
  const std::string where =
      address_.kind == SyslogAddress::Kind::kUnix ? address_.path : address_.host + ":" + address_.port;
  return absl::UnavailableError(fmt::format("syslog {}: {}: {}", where, what, std::strerror(errno)));
}

void SyslogSocket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

// Takes over `fd`.
absl::Status SyslogSocket::Connected(int fd, const void* address, unsigned size) {
  if (fd < 0) return Failed("no socket");
  // A send timeout bounds connect as well (socket(7)).
  const timeval patience = TimevalOf(deadline_);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd, static_cast<const sockaddr*>(address), size) != 0) {
    absl::Status status = Failed("cannot be reached");
    close(fd);
    return status;
  }
  fd_ = fd;
  return absl::OkStatus();
}

absl::Status SyslogSocket::ConnectUnix() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(address_.path.begin(), address_.path.end(), address.sun_path);
  is_stream_ = false;
  errno = 0;
  absl::Status status = Connected(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), &address, sizeof address);
  if (status.ok() || errno != EPROTOTYPE) return status;  // else it is a stream
  is_stream_ = true;
  return Connected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &address, sizeof address);
}

absl::Status SyslogSocket::ConnectInternet() {
  is_stream_ = address_.kind == SyslogAddress::Kind::kTcp;
  const addrinfo wanted{.ai_family = AF_UNSPEC, .ai_socktype = is_stream_ ? SOCK_STREAM : SOCK_DGRAM};
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address_.host.c_str(), address_.port.c_str(), &wanted, &found);
  if (error != 0)
    return absl::UnavailableError(fmt::format("syslog {}: {}", address_.host, gai_strerror(error)));
  absl::Status status = absl::UnavailableError("syslog: no address");
  for (const addrinfo* at = found; at != nullptr && !status.ok(); at = at->ai_next)
    status = Connected(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol), at->ai_addr,
                       at->ai_addrlen);
  freeaddrinfo(found);
  return status;
}

absl::Status SyslogSocket::Connect() {
  if (fd_ >= 0 && !(is_stream_ && PeerHasClosed(fd_))) return absl::OkStatus();
  Close();
  return address_.kind == SyslogAddress::Kind::kUnix ? ConnectUnix() : ConnectInternet();
}

absl::Status SyslogSocket::SendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      absl::Status status = Failed("a message cannot be handed over");
      Close();
      return status;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status SyslogSocket::Send(std::string_view message) {
  if (absl::Status status = Connect(); !status.ok()) return status;
  // RFC 6587, 3.4.1: a stream has no message ends of its own.
  return is_stream_ ? SendAll(fmt::format("{} {}", message.size(), message))
                    : SendAll(message.substr(0, kMaxDatagram));
}

}  // namespace mcpgate
