// Sessions of HTTP at their end: what came a moment too late ends with them.
#include "server/session.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;

const ServerEvent kTools{.kind = ServerEvent::Kind::kToolsChanged};

// A server with one session opened as over HTTP.
struct Opened {
  Opened() {
    served.server->Handle(DumpJson(Legacy(0, "initialize",
                                          {{"protocolVersion", "2025-11-25"},
                                           {"capabilities", Json::object()},
                                           {"clientInfo", {{"name", "t"}, {"version", "1"}}}})),
                          {.credentials = reader, .headers = std::span<const HttpHeader>()}, sink);
    session = served.server->FindSession(sink->session_id, reader);
    REQUIRE(session != nullptr);
  }

  struct Sink final : ReplySink {
    bool Notify(std::string) override { return true; }
    void Finish(ServerAnswer answer) override { session_id = answer.session_id; }
    std::string session_id;
  };

  Served served;
  const Credentials reader = served.As("reader");
  std::shared_ptr<Sink> sink = std::make_shared<Sink>();
  std::shared_ptr<Session> session;
};

TEST_CASE("a stream that is attached after the end of its session ends at once") {
  Opened opened;
  const auto before = std::make_shared<Heard>(), after = std::make_shared<Heard>();
  opened.served.server->AttachStream(opened.session, opened.reader, before);
  CHECK(before->finished() == 0);
  opened.served.server->EndSession(*opened.session);
  CHECK(before->finished() == 1);
  opened.served.server->AttachStream(opened.session, opened.reader, after);
  CHECK(after->finished() == 1);
  opened.served.server->Publish(kTools);
  CHECK(after->empty());
}

TEST_CASE("a stream that is attached while its session ends ends too, however the two meet") {
  for (int round = 0; round < 200; ++round) {
    Opened opened;
    const auto stream = std::make_shared<Heard>();
    std::atomic<int> ready{0};
    const auto meet = [&ready] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread other([&] {
      meet();
      opened.served.server->EndSession(*opened.session);
    });
    meet();
    opened.served.server->AttachStream(opened.session, opened.reader, stream);
    other.join();
    REQUIRE(stream->finished() == 1);
  }
}

TEST_CASE("a session that has ended takes no more calls") {
  Session session({});
  const auto flight = std::make_shared<Flight>(Nanos::max());
  CHECK(session.Enter(1, flight) == Session::Entry::kEntered);
  session.End();
  CHECK(flight->cancelled());
  CHECK(session.Enter(2, std::make_shared<Flight>(Nanos::max())) == Session::Entry::kEnded);
}

TEST_CASE("a session is idle when nobody has used it, holds it or waits for a call of it") {
  constexpr Nanos kIdle = std::chrono::minutes(30), kLater = std::chrono::hours(1);
  FakeClock clock;
  const auto session = std::make_shared<Session>(SessionLimits{});
  session->Use(clock.Steady());
  CHECK_FALSE(session->IsIdle(clock.Steady() + kIdle, kIdle));
  CHECK(session->IsIdle(clock.Steady() + kIdle + Nanos(1), kIdle));
  session->Enter(1, std::make_shared<Flight>(Nanos::max()));
  CHECK_FALSE(session->IsIdle(clock.Steady() + kLater, kIdle));
  session->Answer(1);
  session->Leave();
  auto one = HoldInUse(session, clock), two = HoldInUse(session, clock);
  one.reset();
  CHECK_FALSE(session->IsIdle(clock.Steady() + kLater, kIdle));
  clock.Advance(kLater);
  two.reset();
  CHECK_FALSE(session->IsIdle(clock.Steady() + kIdle, kIdle));
  CHECK(session->IsIdle(clock.Steady() + kLater, kIdle));
}

}  // namespace
}  // namespace mcpgate
