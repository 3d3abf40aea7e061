// Streams of the 2025 era that go on on another connection.
#include <doctest/doctest.h>

#include "endpoint.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kSession[] = "Mcp-Session-Id";
constexpr char kLast[] = "Last-Event-ID";
constexpr char kText[] = "/result/content/0/text";
const ServerEvent kTools{.kind = ServerEvent::Kind::kToolsChanged};
const Json kAsk = Legacy(1, "tools/call", {{"name", "ask"}});

// One event as it came: its id, and its message or null.
struct Heard {
  std::string id, raw;
  Json message;
};

std::string FieldOf(const std::string& event, const std::string& name) {
  const std::size_t at = event.find(name + ": ");
  if (at == event.npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return event.substr(begin, event.find('\n', begin) - begin);
}

Heard Next(Client& client) {
  for (;;) {
    const std::string raw = client.ReadUntil("\n\n");
    REQUIRE_MESSAGE(!raw.empty(), "the stream has ended");
    if (raw.find("data: ") == raw.npos) continue;
    return {FieldOf(raw, "id"), raw, ParseJson(FieldOf(raw, "data")).value_or(nullptr)};
  }
}

// A client of one session.
struct Visitor {
  explicit Visitor(Endpoint& which, std::string_view version = "2025-11-25")
      : endpoint(which), session(which.OpenSession("reader", version)) {}

  std::string Get(Fields fields = {}) const {
    fields.emplace_back(kSession, session);
    return endpoint.Request("GET", std::move(fields));
  }
  void Resume(Client& client, const std::string& id) const { BeginStream(client, Get({{kLast, id}})); }
  void Call(Client& client, const Json& call) const {
    BeginStream(client, endpoint.Post(call, {{kSession, session}}));
  }
  void Answer(const Json& question, std::string_view name) const {
    CHECK(endpoint.Ask(Response(question["id"], Filled(name)), {{kSession, session}}).status == 202);
  }

  Endpoint& endpoint;
  const std::string session;
};

// Whether the stream ends with nothing more to say than ids.
bool EndsNow(Client& client) {
  const std::string rest = client.ReadUntil("0\r\n\r\n");
  return !rest.empty() && rest.find("jsonrpc") == rest.npos;
}

TEST_CASE("a call goes on when its connection ends, and its answer arrives where the client comes back") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Heard first, question;
  {
    Client caller(endpoint.port);
    visitor.Call(caller, kAsk);
    first = Next(caller);
    question = Next(caller);
    caller.Reset();
  }
  CHECK(first.message.is_null());
  Client back(endpoint.port);
  visitor.Resume(back, first.id);
  const Heard again = Next(back);
  CHECK(again.id == question.id);
  CHECK(again.message == question.message);
  visitor.Answer(question.message, "Ann");
  CHECK(At(Next(back).message, kText) == "hello Ann");
  CHECK(EndsNow(back));
}

TEST_CASE("what a finished call said is there for whoever missed it, and then the stream ends") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Client caller(endpoint.port);
  visitor.Call(caller, kAsk);
  Next(caller);
  const Heard question = Next(caller);
  visitor.Answer(question.message, "Ann");
  const Heard answer = Next(caller);
  for (int i = 0; i < 2; ++i) {
    Client back(endpoint.port);
    visitor.Resume(back, question.id);
    const Heard again = Next(back);
    CHECK(again.id == answer.id);
    CHECK(again.message == answer.message);
    CHECK(EndsNow(back));
  }
  Client last(endpoint.port);
  visitor.Resume(last, answer.id);
  CHECK(EndsNow(last));
}

TEST_CASE("a client that comes back to a call keeps its other streams") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Client standing(endpoint.port), caller(endpoint.port), back(endpoint.port);
  BeginStream(standing, visitor.Get());
  visitor.Call(caller, kAsk);
  const std::string first = Next(caller).id;
  visitor.Resume(back, first);
  CHECK_FALSE(caller.ReadUntil("0\r\n\r\n").empty());  // a stream is on one connection
  endpoint.served.server->Publish(kTools);
  Next(standing);
  CHECK(At(Next(standing).message, "/method") == "notifications/tools/list_changed");
  const Heard question = Next(back);
  visitor.Answer(question.message, "Ann");
  CHECK(At(Next(back).message, kText) == "hello Ann");  // and not the notification
}

TEST_CASE("the session's own stream tells what was published while its client was away") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  std::string last;
  {
    Client standing(endpoint.port);
    BeginStream(standing, visitor.Get());
    last = Next(standing).id;
    standing.Reset();
  }
  endpoint.served.server->Publish(kTools);
  endpoint.served.server->Publish({.kind = ServerEvent::Kind::kPromptsChanged});
  Client back(endpoint.port);
  visitor.Resume(back, last);
  CHECK(At(Next(back).message, "/method") == "notifications/tools/list_changed");
  CHECK(At(Next(back).message, "/method") == "notifications/prompts/list_changed");
  endpoint.served.server->Publish(kTools);
  CHECK(At(Next(back).message, "/method") == "notifications/tools/list_changed");
  CHECK(endpoint.Ask(endpoint.Request("DELETE", {{kSession, visitor.session}})).status == 204);
  CHECK(EndsNow(back));
}

TEST_CASE("the first event is an id without data for 2025-11-25 alone, and every event has an id") {
  Endpoint endpoint;
  for (const char* version : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    CAPTURE(version);
    const bool primes = version == std::string_view("2025-11-25");
    Visitor visitor(endpoint, version);
    Client caller(endpoint.port), back(endpoint.port);
    visitor.Call(caller, Legacy(1, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", 1}}}}));
    const Heard first = Next(caller);
    CHECK(first.message.is_null() == primes);
    CHECK_FALSE(first.id.empty());
    const Heard progress = primes ? Next(caller) : first;
    CHECK_FALSE(progress.id.empty());
    CHECK(At(progress.message, "/method") == "notifications/progress");
    visitor.Resume(back, first.id);
    if (primes) CHECK(Next(back).id == progress.id);
    CHECK(endpoint.Ask(Cancelled(1), {{kSession, visitor.session}}).status == 202);
    CHECK(EndsNow(back));
  }
}

TEST_CASE("an id that the session has no stream for is refused, and the session stays") {
  Endpoint endpoint;
  Visitor mine(endpoint), other(endpoint);
  Client caller(endpoint.port);
  other.Call(caller, kAsk);
  const std::string theirs = Next(caller).id;
  const std::string stream = theirs.substr(0, 17);
  for (const std::string& id :
       {std::string("made up"), theirs, stream + "99999", stream + "-1", stream, std::string("0-0")}) {
    CAPTURE(id);
    const Answer refused = endpoint.Ask(mine.Get({{kLast, id}}));
    CHECK(refused.status == 400);
    CHECK(At(Body(refused), "/error/code") == -32600);
  }
  for (const std::string& id : {stream + "99999", stream + "x", stream}) {
    CHECK(endpoint.Ask(other.Get({{kLast, id}})).status == 400);
  }
  const Fields writer = {
      {kSession, other.session}, {kLast, theirs}, {"Authorization", endpoint.Bearer("writer")}};
  CHECK(endpoint.Ask(endpoint.Request("GET", writer)).status == 404);
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, mine.session}}).status == 200);
  Client back(endpoint.port);
  other.Resume(back, theirs);
  CHECK(At(Next(back).message, "/method") == "elicitation/create");
}

TEST_CASE("the streams of an ended session are gone with it") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Client caller(endpoint.port);
  visitor.Call(caller, kAsk);
  const std::string first = Next(caller).id;
  CHECK(endpoint.Ask(endpoint.Request("DELETE", {{kSession, visitor.session}})).status == 204);
  CHECK(endpoint.Ask(visitor.Get({{kLast, first}})).status == 404);
  const Visitor next(endpoint);
  CHECK(endpoint.Ask(next.Get({{kLast, first}})).status == 400);
}

TEST_CASE("the 2026 era has no ids, and Last-Event-ID means nothing to it") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Client caller(endpoint.port), client(endpoint.port);
  visitor.Call(caller, kAsk);
  const std::string first = Next(caller).id;
  const Json call = Modern(7, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", "p"}}}});
  BeginStream(client, endpoint.Post(call, {{kSession, visitor.session}, {kLast, first}}));
  const Heard progress = Next(client);
  CHECK(progress.id.empty());
  CHECK(At(progress.message, "/method") == "notifications/progress");
}

TEST_CASE("a connection that has served its time is closed with a retry, and the stream goes on") {
  EndpointOptions options;
  options.http.disconnect_after = std::chrono::milliseconds(20);
  options.http.retry = std::chrono::microseconds(1'500);
  Endpoint endpoint(std::move(options));
  Visitor visitor(endpoint);
  Client caller(endpoint.port);
  visitor.Call(caller, kAsk);
  const std::string first = Next(caller).id;
  const std::string rest = caller.ReadUntil("0\r\n\r\n");
  CHECK(rest.find("retry: 2\n\n") != rest.npos);
  const std::string question = "\"id\":\"mcpgate-1\"";
  CHECK(rest.find(question) != rest.npos);
  visitor.Answer({{"id", "mcpgate-1"}}, "Ann");
  std::string told;
  for (std::string last = first; told.find("hello Ann") == told.npos;) {
    Client back(endpoint.port);
    visitor.Resume(back, last);
    told = back.ReadUntil("0\r\n\r\n");
    REQUIRE_FALSE(told.empty());
  }
  CHECK(told.find(question) != told.npos);
}

TEST_CASE("older clients, who cannot poll, keep their connection") {
  EndpointOptions options;
  options.http.keep_alive = std::chrono::milliseconds(5);
  options.http.disconnect_after = std::chrono::milliseconds(1);
  Endpoint endpoint(std::move(options));
  Visitor visitor(endpoint, "2025-06-18");
  Client caller(endpoint.port);
  visitor.Call(caller, kAsk);
  const Heard question = Next(caller);
  CHECK(caller.ReadUntil(": \n\n").find("retry") == std::string::npos);
  visitor.Answer(question.message, "Ann");
  CHECK(At(Next(caller).message, kText) == "hello Ann");
}

TEST_CASE("a call whose answer is long in coming becomes a stream that can be resumed") {
  EndpointOptions options;
  options.http.keep_alive = std::chrono::milliseconds(5);
  Endpoint endpoint(std::move(options));
  Visitor visitor(endpoint);
  Client caller(endpoint.port), back(endpoint.port);
  visitor.Call(caller, Legacy(1, "tools/call", {{"name", "wait"}}));
  const Heard first = Next(caller);
  CHECK(first.message.is_null());
  caller.Reset();
  visitor.Resume(back, first.id);
  CHECK(endpoint.Ask(Cancelled(1), {{kSession, visitor.session}}).status == 202);
  CHECK(EndsNow(back));
}

TEST_CASE("a client that does not read loses its connection, and of its stream only the oldest events") {
  EndpointOptions options;
  options.listener.stream_queue = 10'000;
  options.http.replay.events_of_session = 50;
  Endpoint endpoint(std::move(options));
  Visitor visitor(endpoint);
  const std::string uri = "memo:///day/" + std::string(1900, 'a');
  const Json subscribe = Legacy(1, "resources/subscribe", {{"uri", uri}});
  REQUIRE(endpoint.Ask(subscribe, {{kSession, visitor.session}}).status == 200);
  Client slow(endpoint.port, 4096);
  BeginStream(slow, visitor.Get());
  const std::string first = Next(slow).id;
  std::size_t published = 0;
  for (; endpoint.listener->open_connections() > 0 && published < 20'000; ++published) {
    endpoint.served.server->Publish({.uri = uri});
  }
  REQUIRE(endpoint.listener->open_connections() == 0);
  for (int i = 0; i < 60; ++i, ++published) endpoint.served.server->Publish({.uri = uri});
  const std::string last = first.substr(0, 17) + std::to_string(published);
  Client back(endpoint.port);
  visitor.Resume(back, first);
  std::size_t heard = 1;
  while (Next(back).id != last) ++heard;
  CHECK(heard == 50);
}

TEST_CASE("where nothing is kept, events have no ids and nothing is resumed") {
  EndpointOptions options;
  options.http.replay.events_of_session = 0;
  Endpoint endpoint(std::move(options));
  Visitor visitor(endpoint);
  Client caller(endpoint.port), fresh(endpoint.port);
  visitor.Call(caller, kAsk);
  const Heard question = Next(caller);
  CHECK(question.id.empty());
  CHECK(At(question.message, "/method") == "elicitation/create");
  BeginStream(fresh, visitor.Get({{kLast, "0000000000000000-0"}}));
  endpoint.served.server->Publish(kTools);
  CHECK(At(Next(fresh).message, "/method") == "notifications/tools/list_changed");
}

TEST_CASE("a session with an open stream is in use, and one without is not") {
  Endpoint endpoint;
  Visitor visitor(endpoint);
  Client standing(endpoint.port);
  BeginStream(standing, visitor.Get());
  endpoint.served.clock.Advance(std::chrono::hours(2));
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, visitor.session}}).status == 200);
  endpoint.served.clock.Advance(std::chrono::hours(2));
  standing.Reset();
  // Its end counts as a use: half an hour later nobody has come back.
  const auto gone = [&] {
    endpoint.served.clock.Advance(std::chrono::minutes(31));
    return endpoint.served.server->FindSession(visitor.session, endpoint.served.As("reader")) == nullptr;
  };
  bool forgotten = false;
  for (int i = 0; i < 1'000'000 && !forgotten; ++i) forgotten = gone();
  CHECK(forgotten);
}

}  // namespace
}  // namespace mcpgate
