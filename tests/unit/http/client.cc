#include "client.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "mcpgate/http_message.h"

namespace mcpgate::testing {

std::string Answer::Field(std::string_view name) const {
  std::size_t line = head.find("\r\n") + 2;
  while (line < head.size()) {
    const std::size_t end = head.find("\r\n", line);
    const std::string_view text = std::string_view(head).substr(line, end - line);
    const std::size_t colon = text.find(": ");
    if (colon != text.npos && EqualsIgnoreCase(text.substr(0, colon), name)) {
      return std::string(text.substr(colon + 2));
    }
    line = end + 2;
  }
  return "";
}

bool Answer::Has(std::string_view name) const { return !Field(name).empty(); }

Client::Client(std::uint16_t port, int receive_buffer) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  if (receive_buffer > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  REQUIRE(connected == 0);
}

bool Client::Send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::More() {
  pollfd ready{socket_, POLLIN, 0};
  const int count = poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
  REQUIRE_MESSAGE(count == 1, "the listener says nothing; so far: " << seen_);
  char bytes[16384];
  const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  seen_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string Client::ReadUntil(std::string_view end) {
  std::size_t found = seen_.find(end);
  while (found == std::string::npos) {
    if (!More()) return "";
    found = seen_.find(end);
  }
  std::string text = seen_.substr(0, found + end.size());
  seen_.erase(0, text.size());
  return text;
}

bool Client::ReadChunks(std::string& body) {
  for (;;) {
    const std::string line = ReadUntil("\r\n");
    if (line.empty()) return false;
    const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
    while (seen_.size() < size + 2) {
      if (!More()) return false;
    }
    body += seen_.substr(0, size);
    seen_.erase(0, size + 2);
    if (size == 0) return true;
  }
}

Answer Client::Read(bool is_head) {
  Answer answer;
  answer.head = ReadUntil("\r\n\r\n");
  if (answer.head.size() < 13) return answer;
  answer.status = std::atoi(answer.head.c_str() + 9);
  if (is_head || answer.status < 200 || answer.status == 204 || answer.status == 304) {
    answer.is_whole = true;
  } else if (answer.Has("Transfer-Encoding")) {
    answer.is_whole = ReadChunks(answer.body);
  } else if (answer.Has("Content-Length")) {
    const std::size_t size = std::strtoul(answer.Field("Content-Length").c_str(), nullptr, 10);
    while (seen_.size() < size && More()) {
    }
    answer.is_whole = seen_.size() >= size;
    answer.body = seen_.substr(0, size);
    seen_.erase(0, size);
  } else {
    answer.body = ReadAll();
    answer.is_whole = true;
  }
  return answer;
}

bool Client::IsClosed() { return ReadAll().empty(); }

std::string Client::ReadAll() {
  while (More()) {
  }
  return std::exchange(seen_, {});
}

void Client::HalfClose() { shutdown(socket_, SHUT_WR); }

void Client::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

void Client::Reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

}  // namespace mcpgate::testing
