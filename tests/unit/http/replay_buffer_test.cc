// What is kept of the streams of sessions, and what goes first.
#include "transport/http/replay_buffer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/served.h"
#include "transport/http/event_stream.h"

namespace mcpgate::http {
namespace {

// The data of each event in a text of events, in order.
std::vector<std::string> DataOf(const std::string& events) {
  std::vector<std::string> all;
  for (std::size_t at = events.find("data: "); at != events.npos; at = events.find("data: ", at + 1)) {
    all.push_back(events.substr(at + 6, events.find('\n', at) - at - 6));
  }
  return all;
}

using List = std::vector<std::string>;

struct Kept {
  explicit Kept(const ReplayLimits& limits) : buffer(limits) {}

  std::uint64_t Open(const std::shared_ptr<Session>& session) { return buffer.Open(session, {}); }
  // Everything kept of a stream, its first event included.
  List All(std::uint64_t stream) const { return DataOf(buffer.After(stream, 0)); }
  std::shared_ptr<Session> NewSession() { return served.server->NewSession(); }

  testing::Served served;
  ReplayBuffer buffer;
};

std::string IdOf(const std::string& event) { return event.substr(4, event.find('\n') - 4); }

TEST_CASE("an event's id leads back to its place in its stream, in its session alone") {
  Kept kept({});
  const auto mine = kept.NewSession(), other = kept.NewSession();
  const std::uint64_t one = kept.Open(mine), two = kept.Open(mine);
  const std::string first = kept.buffer.Add(one, "a");
  kept.buffer.Add(two, "x");
  kept.buffer.Add(one, "b");
  kept.buffer.Add(one, "c");
  const auto place = kept.buffer.Find(IdOf(first), mine);
  REQUIRE(place.has_value());
  CHECK(place->stream == one);
  CHECK(DataOf(kept.buffer.After(one, place->number)) == List{"b", "c"});
  CHECK_FALSE(kept.buffer.Find(IdOf(first), other).has_value());
}

TEST_CASE("a session's oldest events go when it has too many, of whichever stream") {
  Kept kept({.events_of_session = 3});
  const auto session = kept.NewSession(), other = kept.NewSession();
  const std::uint64_t one = kept.Open(session), two = kept.Open(session), third = kept.Open(other);
  for (const char* data : {"0", "1", "2"}) kept.buffer.Add(one, data);
  kept.buffer.Add(third, "0");
  kept.buffer.Add(third, "1");
  kept.buffer.Add(two, "0");
  kept.buffer.Add(two, "1");
  CHECK(kept.All(one) == List{"2"});
  CHECK(kept.All(two) == List{"1"});
  CHECK(kept.All(third) == List{"1"});
}

TEST_CASE("a session's oldest events go when it has too many bytes") {
  Kept kept({.bytes_of_session = 1'000});
  const auto session = kept.NewSession();
  const std::uint64_t stream = kept.Open(session);
  kept.buffer.Add(stream, "first");
  kept.buffer.Add(stream, std::string(500, 'a'));
  CHECK(kept.All(stream).size() == 1);
  kept.buffer.Add(stream, std::string(500, 'b'));
  CHECK(kept.All(stream) == List{std::string(500, 'b')});
}

TEST_CASE("an event that fits nowhere is numbered and not kept, and the others stay") {
  Kept kept({.bytes_of_session = 1'000});
  const auto session = kept.NewSession();
  const std::uint64_t stream = kept.Open(session);
  kept.buffer.Add(stream, "first");
  kept.buffer.Add(stream, "small");
  const std::string big = kept.buffer.Add(stream, std::string(1'000, 'a'));
  CHECK(DataOf(big).front().size() == 1'000);
  kept.buffer.Add(stream, "after");
  CHECK(kept.All(stream) == List{"small", "after"});
  CHECK(kept.buffer.Find(IdOf(big), session)->number == 2);
}

TEST_CASE("the oldest events of all sessions go when all together are too many") {
  Kept kept({.bytes = 1'000});
  const auto one = kept.NewSession(), two = kept.NewSession();
  const std::uint64_t old = kept.Open(one), young = kept.Open(two);
  kept.buffer.Add(old, "");
  kept.buffer.Add(old, "a");
  for (int i = 0; i < 6; ++i) kept.buffer.Add(young, std::to_string(i));
  CHECK(kept.All(old).empty());
  CHECK(kept.All(young).back() == "5");
  CHECK(kept.All(young).size() < 6);
}

TEST_CASE("a stream that is over is known as long as something is kept of it") {
  Kept kept({.events_of_session = 2});
  const auto session = kept.NewSession();
  const std::uint64_t one = kept.Open(session), two = kept.Open(session), empty = kept.Open(session);
  const std::string event = kept.buffer.Add(one, "a");
  kept.buffer.Close(one);
  kept.buffer.Close(empty);
  CHECK(kept.buffer.Find(IdOf(event), session).has_value());
  kept.buffer.Add(two, "x");
  CHECK(kept.buffer.Find(IdOf(event), session).has_value());
  kept.buffer.Add(two, "y");
  CHECK_FALSE(kept.buffer.Find(IdOf(event), session).has_value());
}

TEST_CASE("what an ended session was told is forgotten, and what others were told is not") {
  Kept kept({});
  auto ended = kept.NewSession(), dropped = kept.NewSession(), stays = kept.NewSession();
  std::vector<std::uint64_t> streams;
  for (const auto& session : {ended, dropped, stays}) {
    streams.push_back(kept.Open(session));
    kept.buffer.Add(streams.back(), "");
    kept.buffer.Add(streams.back(), "a");
  }
  kept.buffer.Forget(ended);
  CHECK(kept.All(streams[0]).empty());
  dropped.reset();
  CHECK(kept.All(streams[1]).size() == 1);
  kept.buffer.Sweep();
  CHECK(kept.All(streams[1]).empty());
  CHECK(kept.All(streams[2]) == List{"a"});
}

}  // namespace
}  // namespace mcpgate::http
