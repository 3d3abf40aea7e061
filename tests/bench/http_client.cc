#include "bench/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

namespace mcpgate::bench {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n", kLastChunk = "\r\n0\r\n\r\n";

// Where the value of a field begins; servers differ in the case of its name's letters. npos: there is none.
std::size_t ValueOf(std::string_view head, std::string_view proper, std::string_view lower) {
  std::size_t at = head.find(proper);
  if (at == head.npos) at = head.find(lower);
  return at == head.npos ? at : at + proper.size();
}

// Whether all of an answer is there.
bool IsComplete(std::string_view text) {
  const std::size_t end = text.find(kEndOfHead);
  if (end == text.npos) return false;
  if (!text.starts_with("HTTP/1.1 200 ")) Fail("the server answered " + std::string(text));
  const std::string_view head = text.substr(0, end + 2);
  const std::size_t length_at = ValueOf(head, "\r\nContent-Length: ", "\r\ncontent-length: ");
  if (length_at == head.npos) return text.ends_with(kLastChunk);
  std::size_t length = 0;
  std::from_chars(head.data() + length_at, head.data() + head.size(), length);
  return text.size() >= end + kEndOfHead.size() + length;
}

}  // namespace

HttpConnection::HttpConnection(std::uint16_t port)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    Fail("no connection to port " + std::to_string(port));
  }
}

HttpConnection::~HttpConnection() {
  if (descriptor_ >= 0) close(descriptor_);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), pending_(std::move(other.pending_)) {}

void HttpConnection::Send(std::string_view bytes) {
  // A request is small enough to be taken whole.
  if (send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    Fail("the server went away");
  }
}

bool HttpConnection::Receive() {
  std::array<char, 16 << 10> buffer;
  const ssize_t size = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size <= 0) Fail("the server closed the connection after: " + pending_);
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
  if (pending_.empty() && IsComplete(bytes)) return true;
  pending_ += bytes;
  if (!IsComplete(pending_)) return false;
  pending_.clear();
  return true;
}

void HttpConnection::ReceiveAnswer() {
  while (!Receive()) {
  }
}

void HttpConnection::ReceiveEvent() {
  while (pending_.find("data: ") == pending_.npos) Receive();
  pending_ = {};
}

std::string Post(std::string_view key, std::string_view method, std::string_view name,
                 std::string_view body) {
  std::string text = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench/1\r\n";
  if (!key.empty()) text.append("Authorization: Bearer ").append(key).append("\r\n");
  text += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
  text.append("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ").append(method).append("\r\n");
  if (!name.empty()) text.append("Mcp-Name: ").append(name).append("\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append(kEndOfHead).append(body);
  return text;
}

HttpLoad::HttpLoad(std::uint16_t port, std::vector<std::string> requests)
    : requests_(std::move(requests)), sent_(requests_.size()), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    connections_.emplace_back(port);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().descriptor(), &event);
    sent_[i] = SteadyClock::now();
    connections_.back().Send(requests_[i]);
  }
}

HttpLoad::~HttpLoad() { close(epoll_); }

void HttpLoad::Answer(std::size_t which) {
  if (!connections_[which].Receive()) return;
  const auto now = SteadyClock::now();
  micros_.push_back(std::chrono::duration<float, std::micro>(now - sent_[which]).count());
  sent_[which] = now;
  connections_[which].Send(requests_[which]);
}

// Asks again and again and never sleeps: a server that leaves time for sleep would pay for a wake-up with
// each answer, one that leaves none would not.
Load HttpLoad::Run(double seconds) {
  micros_.clear();
  const auto start = SteadyClock::now();
  while (SecondsSince(start) < seconds) {
    std::array<epoll_event, 64> events;
    const int ready = epoll_wait(epoll_, events.data(), events.size(), 0);
    for (int i = 0; i < ready; ++i) Answer(events[static_cast<std::size_t>(i)].data.u64);
  }
  const double took = SecondsSince(start);
  if (micros_.empty()) Fail("the server has not answered");
  std::sort(micros_.begin(), micros_.end());
  const auto calls = static_cast<double>(micros_.size());
  const auto at = [this](double share) {
    return micros_[static_cast<std::size_t>(share * static_cast<double>(micros_.size() - 1))];
  };
  return {.calls_per_second = calls / took, .p50_micros = at(0.5), .p99_micros = at(0.99), .calls = calls};
}

}  // namespace mcpgate::bench
