#include "transport/http/replay_buffer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace mcpgate::http {
namespace {

// What a kept event costs beside its text: list node, index entry, its part of the stream's record. Charging
// it lets the bound on bytes bound the number of events too.
constexpr std::size_t kOverhead = 128;

std::size_t CostOf(std::string_view text) { return text.size() + kOverhead; }

template <typename T>
bool ReadNumber(std::string_view text, int base, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

bool IsSame(const std::weak_ptr<Session>& one, const std::shared_ptr<Session>& other) {
  return !one.owner_before(other) && !other.owner_before(one);
}

}  // namespace

std::uint64_t ReplayBuffer::Open(std::weak_ptr<Session> session, std::weak_ptr<EventStream> stream) {
  MutexLock lock(mutex_);
  std::uint64_t name = random_();
  while (streams_.contains(name)) name = random_();
  streams_.emplace(name, Stream{.session = std::move(session), .live = std::move(stream)});
  return name;
}

std::string ReplayBuffer::Add(std::uint64_t stream, std::string_view data) {
  MutexLock lock(mutex_);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return fmt::format("data: {}\n\n", data);
  const std::uint64_t number = found->second.next++;
  std::string text = fmt::format("id: {:016x}-{}\ndata: {}\n\n", stream, number, data);
  Keep(found->second, {.stream = stream, .number = number, .text = text});
  return text;
}

void ReplayBuffer::Keep(Stream& stream, Event event) {
  const std::size_t cost = CostOf(event.text);
  if (limits_.events_of_session == 0 || cost > limits_.bytes_of_session || cost > limits_.bytes) return;
  const auto share = shares_.try_emplace(stream.session).first;
  events_.push_back(std::move(event));
  share->second.events.push_back(std::prev(events_.end()));
  share->second.bytes += cost;
  bytes_ += cost;
  ++stream.kept;
  while (share->second.events.size() > limits_.events_of_session ||
         share->second.bytes > limits_.bytes_of_session) {
    DropOldest(share);
  }
  // The event itself fits, so what goes is older, and `stream` is open, so its record stays.
  while (bytes_ > limits_.bytes) {
    DropOldest(shares_.find(streams_.at(events_.front().stream).session));
  }
}

void ReplayBuffer::DropOldest(Shares::iterator share) {
  const Kept oldest = share->second.events.front();
  share->second.events.pop_front();
  share->second.bytes -= CostOf(oldest->text);
  bytes_ -= CostOf(oldest->text);
  const auto stream = streams_.find(oldest->stream);
  if (--stream->second.kept == 0 && !stream->second.open) streams_.erase(stream);
  events_.erase(oldest);
  if (share->second.events.empty()) shares_.erase(share);
}

void ReplayBuffer::Close(std::uint64_t stream) {
  MutexLock lock(mutex_);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  found->second.open = false;
  if (found->second.kept == 0) streams_.erase(found);
}

std::optional<ReplayBuffer::Place> ReplayBuffer::Find(std::string_view event_id,
                                                      const std::shared_ptr<Session>& session) const {
  const std::size_t dash = event_id.find('-');
  std::uint64_t stream = 0, number = 0;
  if (dash != 16 || !ReadNumber(event_id.substr(0, dash), 16, stream) ||
      !ReadNumber(event_id.substr(dash + 1), 10, number)) {
    return std::nullopt;
  }
  MutexLock lock(mutex_);
  const auto found = streams_.find(stream);
  if (found == streams_.end() || !IsSame(found->second.session, session)) return std::nullopt;
  if (number >= found->second.next) return std::nullopt;
  return Place{.stream = stream, .number = number, .live = found->second.live};
}

std::string ReplayBuffer::After(std::uint64_t stream, std::uint64_t number) const {
  std::string text;
  MutexLock lock(mutex_);
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return text;
  const auto share = shares_.find(found->second.session);
  if (share == shares_.end()) return text;
  for (const Kept& event : share->second.events) {
    if (event->stream == stream && event->number > number) text += event->text;
  }
  return text;
}

void ReplayBuffer::Forget(const std::weak_ptr<Session>& session) {
  MutexLock lock(mutex_);
  const auto share = shares_.find(session);
  if (share == shares_.end()) return;
  for (std::size_t left = share->second.events.size(); left > 0; --left) DropOldest(share);
}

void ReplayBuffer::Sweep() {
  MutexLock lock(mutex_);
  for (auto share = shares_.begin(); share != shares_.end();) {
    const auto here = share++;
    if (!here->first.expired()) continue;
    for (std::size_t left = here->second.events.size(); left > 0; --left) DropOldest(here);
  }
}

}  // namespace mcpgate::http
