// The floor of the HTTP benchmark: one epoll loop that finds the end of a request and answers fixed bytes. No
// time-outs, no bounds, no errors to speak of.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bench/fixed_answer.h"

namespace {

const std::string kAnswer =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: "
    "application/json\r\nContent-Length: " +
    std::to_string(mcpgate::bench::kFixedAnswer.size()) + "\r\n\r\n" +
    std::string(mcpgate::bench::kFixedAnswer);

// The size of the first request, or 0 when some of it is missing.
std::size_t RequestSize(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == bytes.npos) return 0;
  const std::size_t length = bytes.substr(0, head).find("Content-Length: ");
  if (length == bytes.npos) return head + 4;
  const std::size_t size = head + 4 + std::strtoul(bytes.data() + length + 16, nullptr, 10);
  return bytes.size() < size ? 0 : size;
}

int Listen() {
  const int listening = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listening, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listening, 4096) != 0 ||
      getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::exit(1);
  }
  std::printf("{\"port\":%d}\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listening;
}

class Loop {
 public:
  Loop() { Watch(listening_); }

  void Run() {
    for (;;) {
      std::array<epoll_event, 64> events;
      const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < ready; ++i) {
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        descriptor == listening_ ? Accept() : Serve(descriptor);
      }
    }
  }

 private:
  void Watch(int descriptor) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  void Accept() {
    const int accepted = accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
    const int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Watch(accepted);
  }

  void Serve(int descriptor) {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(descriptor, buffer.data(), buffer.size(), 0);
    if (size <= 0) return End(descriptor);
    std::string& pending = pending_[descriptor];
    pending.append(buffer.data(), static_cast<std::size_t>(size));
    while (const std::size_t request = RequestSize(pending)) {
      if (send(descriptor, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return End(descriptor);
      pending.erase(0, request);
    }
  }

  void End(int descriptor) {
    pending_.erase(descriptor);
    close(descriptor);
  }

  const int epoll_ = epoll_create1(0);
  const int listening_ = Listen();
  std::unordered_map<int, std::string> pending_;
};

}  // namespace

int main() {
  Loop().Run();
  return 0;
}
