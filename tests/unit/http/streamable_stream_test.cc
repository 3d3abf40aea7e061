// Answers that come in events: progress, listens, clients that leave or do not read.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "endpoint.h"
#include "mcpgate/key_admin.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kText[] = "/result/content/0/text";
constexpr char kId[] = "/params/_meta/io.modelcontextprotocol~1subscriptionId";

bool Eventually(const std::function<bool()>& condition) {
  std::mutex mutex;
  std::condition_variable never;
  const auto end = std::chrono::steady_clock::now() + Client::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(2));
  }
  return true;
}

Json Wait(const Json& id) {
  return Modern(id, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", "p"}}}});
}
Json Listen(const Json& id, Json asked) {
  return Modern(id, "subscriptions/listen", {{"notifications", std::move(asked)}});
}
const Json kTools = {{"toolsListChanged", true}};

TEST_CASE("an answer that nothing comes before is JSON, and one after a notification is an event") {
  Endpoint endpoint;
  const Answer plain = endpoint.Ask(Modern(1, "tools/call", {{"name", "log"}}));
  CHECK(plain.Field("Content-Type") == "application/json");
  CHECK(At(Body(plain), kText) == "logged");
  Json call = Modern(1, "tools/call", {{"name", "log"}});
  call["params"]["_meta"]["io.modelcontextprotocol/logLevel"] = "warning";
  Client client(endpoint.port);
  client.Send(endpoint.Post(call));
  const std::string head = client.ReadUntil("\r\n\r\n");
  CHECK(head.find("Content-Type: text/event-stream\r\n") != head.npos);
  CHECK(head.find("Cache-Control: no-store\r\n") != head.npos);
  CHECK(head.find("X-Accel-Buffering: no\r\n") != head.npos);
  CHECK(head.find("Mcp-Session-Id") == head.npos);
  const std::string first = client.ReadUntil("\n\n");
  CHECK(first.find("id:") == first.npos);
  CHECK(first.find("retry:") == first.npos);
  CHECK(first.find("event:") == first.npos);
  CHECK(At(Event(client), "/params/level") == "emergency");
  const Json answer = Event(client);
  CHECK(At(answer, kText) == "logged");
  CHECK(At(answer, "/result/resultType") == "complete");
  CHECK(client.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
}

TEST_CASE("a client that reads no events gets the answer alone") {
  Endpoint endpoint;
  Json call = Modern(1, "tools/call", {{"name", "log"}});
  call["params"]["_meta"]["io.modelcontextprotocol/logLevel"] = "debug";
  for (const char* accept : {"application/json", "text/html", kLeftOut}) {
    const Answer answer = endpoint.Ask(call, {{"Accept", accept}});
    CHECK(answer.Field("Content-Type") == "application/json");
    CHECK(At(Body(answer), kText) == "logged");
  }
}

TEST_CASE("a client that reads no events cannot listen, and is told so at once") {
  Endpoint endpoint;
  const Answer answer = endpoint.Ask(Listen(1, kTools), {{"Accept", "application/json"}});
  CHECK(answer.status == 406);
  CHECK(At(Body(answer), "/error/code") == -32600);
  CHECK(At(Body(answer), "/id") == 1);
}

TEST_CASE("a client of the 2026 era that goes away has cancelled its call") {
  Endpoint endpoint;
  {
    Client client(endpoint.port);
    BeginStream(client, endpoint.Post(Wait(1)));
    CHECK(At(Event(client), "/method") == "notifications/progress");
    client.Close();
  }
  CHECK(Eventually([&] {
    const auto trail = endpoint.served.Trail();
    return !trail.empty() && trail.back().action == "wait" &&
           trail.back().outcome == AuditOutcome::kCancelled;
  }));
}

TEST_CASE("a client that goes away before any event has cancelled its call too") {
  Endpoint endpoint;
  {
    Client client(endpoint.port);
    client.Send(endpoint.Post(Modern(1, "tools/call", {{"name", "wait"}})));
    CHECK(Eventually([&] { return endpoint.listener->open_connections() == 1; }));
    client.Reset();
  }
  CHECK(Eventually([&] {
    const auto trail = endpoint.served.Trail();
    return !trail.empty() && trail.back().outcome == AuditOutcome::kCancelled;
  }));
}

TEST_CASE("a cancellation by message has no effect in the 2026 era over HTTP") {
  Endpoint endpoint;
  Client client(endpoint.port);
  BeginStream(client, endpoint.Post(Listen(5, kTools)));
  Event(client);
  Json cancel = Modern(5, "notifications/cancelled", {{"requestId", 5}});
  cancel.erase("id");
  CHECK(endpoint.Ask(cancel).status == 202);
  endpoint.served.server->Publish({.kind = ServerEvent::Kind::kToolsChanged});
  CHECK(At(Event(client), kId) == 5);
}

TEST_CASE("a listen is a stream that begins with its acknowledgement and ends with a result") {
  Endpoint endpoint;
  Client client(endpoint.port);
  BeginStream(client, endpoint.Post(Listen(1763750000123, kTools)));
  const Json ack = Event(client);
  CHECK(At(ack, "/method") == "notifications/subscriptions/acknowledged");
  CHECK(At(ack, kId) == 1763750000123);
  REQUIRE(endpoint.served.registry->Add(Idle("new")).ok());
  CHECK(At(Event(client), "/method") == "notifications/tools/list_changed");
  endpoint.served.server->EndStreams();
  CHECK(At(Event(client), "/result/resultType") == "complete");
  CHECK(client.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
  CHECK(client.Ask(endpoint.Post(Modern(2, "tools/list"))).status == 200);
}

TEST_CASE("a client that closes its listen makes place for another") {
  EndpointOptions options;
  options.tune = [](ServerOptions& server) { server.max_listens_of_key = 1; };
  Endpoint endpoint(std::move(options));
  Client first(endpoint.port);
  BeginStream(first, endpoint.Post(Listen(1, kTools)));
  CHECK(endpoint.Ask(Listen(2, kTools)).status == 429);
  first.Close();
  CHECK(Eventually([&] {
    Client next(endpoint.port);
    next.Send(endpoint.Post(Listen(3, kTools)));
    return next.ReadUntil("\r\n\r\n").find("200 OK") != std::string::npos;
  }));
}

TEST_CASE("a client that does not read its listen loses it, and whoever publishes never waits") {
  EndpointOptions options;
  options.listener.stream_queue = 10'000;
  options.tune = [](ServerOptions& server) { server.max_listens_of_key = 2; };
  Endpoint endpoint(std::move(options));
  const std::string uri = "memo:///day/" + std::string(1900, 'a');
  const Json asked = {{"resourceSubscriptions", {uri}}};
  Client slow(endpoint.port, 4096), quick(endpoint.port);
  BeginStream(slow, endpoint.Post(Listen(1, asked)));
  BeginStream(quick, endpoint.Post(Listen(2, asked)));
  Event(quick);
  bool dropped = false;
  for (int i = 0; i < 20'000 && !dropped; ++i) {
    endpoint.served.server->Publish({.uri = uri});
    CHECK(At(Event(quick), "/params/uri") == uri);
    dropped = endpoint.listener->open_connections() == 1;
  }
  CHECK(dropped);
  Client next(endpoint.port);
  BeginStream(next, endpoint.Post(Listen(3, asked)));
}

TEST_CASE("two keys with the same ids hear each what they may, and cannot use each other's states") {
  Endpoint endpoint;
  const Fields admin = {{"Authorization", endpoint.Bearer("admin")}};
  const Json asked = {{"resourceSubscriptions", {"memo:///hidden", "memo:///one"}}};
  Client mine(endpoint.port), theirs(endpoint.port);
  BeginStream(mine, endpoint.Post(Listen(1, asked)));
  BeginStream(theirs, endpoint.Post(Listen(1, asked), admin));
  CHECK(At(Event(mine), "/params/notifications/resourceSubscriptions").size() == 1);
  CHECK(At(Event(theirs), "/params/notifications/resourceSubscriptions").size() == 2);
  endpoint.served.server->Publish({.uri = "memo:///hidden"});
  endpoint.served.server->Publish({.uri = "memo:///one"});
  CHECK(At(Event(mine), "/params/uri") == "memo:///one");
  CHECK(At(Event(theirs), "/params/uri") == "memo:///hidden");
  const Json question = Body(endpoint.Ask(Modern(1, "tools/call", {{"name", "ask"}}, kCanAll)));
  const Json again = Modern(1, "tools/call",
                            {{"name", "ask"},
                             {"requestState", At(question, "/result/requestState")},
                             {"inputResponses", {{"name", Filled("Ann")}}}},
                            kCanAll);
  CHECK(At(Body(endpoint.Ask(again, admin)), "/error/code") == -32602);
  CHECK(At(Body(endpoint.Ask(again)), kText) == "hello Ann");
}

TEST_CASE("a quiet stream is kept open by comments") {
  EndpointOptions options;
  options.http.keep_alive = std::chrono::milliseconds(5);
  Endpoint endpoint(std::move(options));
  Client client(endpoint.port);
  BeginStream(client, endpoint.Post(Listen(1, kTools)));
  Event(client);
  CHECK(client.ReadUntil(": \n\n").ends_with(": \n\n"));
  CHECK(client.ReadUntil(": \n\n").ends_with(": \n\n"));
}

TEST_CASE("a stream ends soon after its key was revoked, with no event to tell") {
  EndpointOptions options;
  options.http.keep_alive = std::chrono::milliseconds(5);
  Endpoint endpoint(std::move(options));
  Served& served = endpoint.served;
  const Secret token = served.Issue({.role = Role::kReader});
  const Fields mine = {{"Authorization", "Bearer " + std::string(RevealSecret(token))}};
  Client client(endpoint.port), other(endpoint.port);
  BeginStream(client, endpoint.Post(Listen(1, kTools), mine));
  BeginStream(other, endpoint.Post(Listen(1, kTools)));
  Event(client);
  Event(other);
  const auto principal = served.gate->Authenticate({.api_key = token, .source = "test"});
  REQUIRE(principal.ok());
  REQUIRE(served.keyring->admin().Revoke(TenantScope::Operator(), (*principal)->key_id).ok());
  CHECK(client.ReadUntil("0\r\n\r\n").ends_with("0\r\n\r\n"));
  CHECK(other.ReadUntil(": \n\n").ends_with(": \n\n"));
}

TEST_CASE("an endpoint needs its server, its gate, a path and a pause") {
  Endpoint endpoint;
  StreamableHttpOptions whole{.server = endpoint.served.server.get(), .gate = endpoint.served.gate.get()};
  CHECK(NewStreamableHttp(whole).ok());
  StreamableHttpOptions bad = whole;
  bad.server = nullptr;
  CHECK(absl::IsInvalidArgument(NewStreamableHttp(bad).status()));
  bad = whole;
  bad.gate = nullptr;
  CHECK(absl::IsInvalidArgument(NewStreamableHttp(bad).status()));
  bad = whole;
  bad.path = "mcp";
  CHECK(absl::IsInvalidArgument(NewStreamableHttp(bad).status()));
  bad = whole;
  bad.keep_alive = Nanos(0);
  CHECK(absl::IsInvalidArgument(NewStreamableHttp(bad).status()));
}

}  // namespace
}  // namespace mcpgate
