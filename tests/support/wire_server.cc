#include "support/wire_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace mcpgate::testing {

void WireConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (wrote <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

void WireConnection::Answer(int status, std::string_view body, std::string_view headers) {
  Write(
      fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body));
}

void WireConnection::WaitForClose() {
  char byte = 0;
  while (recv(fd_, &byte, 1, 0) > 0) {
  }
}

WireServer::WireServer(Script script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0)
    abort();
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

WireServer::~WireServer() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
  close(listener_);
}

std::string WireServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void WireServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    MutexLock lock(mutex_);
    if (closing_) {
      close(fd);
      return;
    }
    ++connections_;
    open_.push_back(fd);
    serving_.emplace_back([this, fd] { Serve(fd); });
  }
}

void WireServer::Serve(int fd) {
  WireConnection connection(fd);
  std::string buffer, request;
  while (!connection.is_cut() && ReadRequest(fd, buffer, request)) {
    ++requests_;
    script_(connection, request);
  }
  MutexLock lock(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  close(fd);
}

bool WireServer::ReadRequest(int fd, std::string& buffer, std::string& request) const {
  for (;;) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::size_t length = 0;
      for (std::size_t at = buffer.find("\r\n"); at < end; at = buffer.find("\r\n", at + 2)) {
        const char* line = buffer.c_str() + at + 2;
        if (strncasecmp(line, "content-length:", 15) == 0) length = strtoul(line + 15, nullptr, 10);
      }
      if (buffer.size() >= end + 4 + length) {
        request = buffer.substr(0, end + 4 + length);
        buffer.erase(0, request.size());
        return true;
      }
    }
    char bytes[4096];
    const ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
    if (got <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(got));
  }
}

}  // namespace mcpgate::testing
