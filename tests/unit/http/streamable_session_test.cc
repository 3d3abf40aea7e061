// The 2025 era over HTTP: sessions, their streams, questions, batches.
#include <doctest/doctest.h>

#include "endpoint.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kSession[] = "Mcp-Session-Id";
constexpr char kText[] = "/result/content/0/text";

Json Notification(std::string_view method) { return {{"jsonrpc", "2.0"}, {"method", method}}; }

// A request of every kind that needs a session.
std::vector<std::string> Requests(const Endpoint& endpoint, const Fields& fields) {
  return {endpoint.Post(Legacy(1, "ping"), fields),
          endpoint.Post(Legacy(1, "tools/call", {{"name", "link"}}), fields),
          endpoint.Post(Notification("notifications/initialized"), fields),
          endpoint.Post(Response("mcpgate-1", Json::object()), fields),
          endpoint.Post(Json::array({Legacy(1, "ping")}), fields),
          endpoint.Request("GET", fields),
          endpoint.Request("DELETE", fields)};
}

TEST_CASE("initialize opens a session under an id that nobody can guess") {
  Endpoint endpoint;
  const std::string first = endpoint.OpenSession(), second = endpoint.OpenSession();
  CHECK(first.size() >= 32);
  CHECK(first != second);
  CHECK(first.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        first.npos);
  const Answer answer = endpoint.Ask(Legacy(1, "ping"), {{kSession, first}});
  CHECK(answer.status == 200);
  CHECK(At(Body(answer), "/result") == Json::object());
  CHECK(endpoint.Ask(Notification("notifications/initialized"), {{kSession, first}}).status == 202);
}

TEST_CASE("without a session header a message of the 2025 era is refused with 400") {
  Endpoint endpoint;
  for (const std::string& request : Requests(endpoint, {})) {
    CAPTURE(request);
    CHECK(endpoint.Ask(request).status == 400);
  }
}

TEST_CASE("an unknown session, one of another key and one that was ended are not found") {
  Endpoint endpoint;
  const std::string mine = endpoint.OpenSession(), ended = endpoint.OpenSession();
  CHECK(endpoint.Ask(endpoint.Request("DELETE", {{kSession, ended}})).status == 204);
  const std::string others = endpoint.OpenSession("writer");
  for (const std::string& id : {std::string("made up"), others, ended}) {
    for (const std::string& request : Requests(endpoint, {{kSession, id}})) {
      CAPTURE(request);
      CHECK(endpoint.Ask(request).status == 404);
    }
  }
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, mine}}).status == 200);
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, others}, {"Authorization", endpoint.Bearer("writer")}})
            .status == 200);
}

TEST_CASE("a session that nobody uses is forgotten") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  endpoint.served.clock.Advance(std::chrono::minutes(29));
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, id}}).status == 200);
  endpoint.served.clock.Advance(std::chrono::minutes(29));
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, id}}).status == 200);
  endpoint.served.clock.Advance(std::chrono::minutes(31));
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, id}}).status == 404);
}

TEST_CASE("sessions are bounded for each key, and the place of one that ended is free") {
  EndpointOptions options;
  options.tune = [](ServerOptions& server) { server.max_sessions_of_key = 2; };
  Endpoint endpoint(std::move(options));
  const std::string first = endpoint.OpenSession();
  endpoint.OpenSession();
  const Json initialize = Legacy(0, "initialize", {{"protocolVersion", "2025-11-25"}});
  const Answer refused = endpoint.Ask(initialize);
  CHECK(refused.status == 429);
  CHECK_FALSE(refused.Has(kSession));
  CHECK_FALSE(endpoint.OpenSession("writer").empty());
  endpoint.Ask(endpoint.Request("DELETE", {{kSession, first}}));
  CHECK_FALSE(endpoint.OpenSession().empty());
}

TEST_CASE("when all sessions are taken a newcomer is refused, until one has been idle for long") {
  EndpointOptions options;
  options.tune = [](ServerOptions& server) { server.max_sessions = 2; };
  Endpoint endpoint(std::move(options));
  const std::string first = endpoint.OpenSession(), second = endpoint.OpenSession("writer");
  endpoint.served.clock.Advance(std::chrono::minutes(20));
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, first}}).status == 200);
  const Json initialize = Legacy(0, "initialize", {{"protocolVersion", "2025-11-25"}});
  const Answer refused = endpoint.Ask(initialize);
  CHECK(refused.status == 429);
  CHECK(At(Body(refused), "/error/code") == 42902);
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, first}}).status == 200);
  endpoint.served.clock.Advance(std::chrono::minutes(11));
  CHECK_FALSE(endpoint.OpenSession().empty());
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, first}}).status == 200);
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, second}, {"Authorization", endpoint.Bearer("writer")}})
            .status == 404);
}

TEST_CASE("a session is opened once, and only by an initialize that succeeds") {
  Endpoint endpoint;
  const Answer failed = endpoint.Ask(Legacy(0, "initialize", {{"protocolVersion", 7}}));
  CHECK(At(Body(failed), "/error/code") == -32602);
  CHECK_FALSE(failed.Has(kSession));
}

TEST_CASE("the version header of a session may be left out, another served version, but not an unknown one") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession("reader", "2025-06-18");
  struct Row {
    std::string version;
    int status;
  };
  for (const Row& row : {Row{kLeftOut, 200}, Row{"2025-06-18", 200}, Row{"2025-11-25", 200},
                         Row{"1999-01-01", 400}, Row{"", 400}, Row{"2026-07-28", 400}}) {
    CAPTURE(row.version);
    const Fields fields = {{kSession, id}, {"MCP-Protocol-Version", row.version}};
    CHECK(endpoint.Ask(Legacy(1, "ping"), fields).status == row.status);
  }
  // What some clients send along is no sign of an era.
  CHECK(endpoint.Ask(Legacy(1, "ping"), {{kSession, id}, {"Mcp-Method", "initialize"}}).status == 200);
}

TEST_CASE("an unknown method is an answer with 200, and so is a missing resource") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  const Answer method = endpoint.Ask(Legacy(1, "no/such"), {{kSession, id}});
  CHECK(method.status == 200);
  CHECK(At(Body(method), "/error/code") == -32601);
  const Answer resource =
      endpoint.Ask(Legacy(1, "resources/read", {{"uri", "memo:///nope"}}), {{kSession, id}});
  CHECK(resource.status == 200);
  CHECK(At(Body(resource), "/error/code") == -32002);
}

TEST_CASE("the stream of a session hears of changes and of the resources it subscribed to") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  Client client(endpoint.port);
  BeginStream(client, endpoint.Request("GET", {{kSession, id}}));
  CHECK(At(Body(endpoint.Ask(Legacy(1, "resources/subscribe", {{"uri", "memo:///one"}}), {{kSession, id}})),
           "/result") == Json::object());
  endpoint.served.server->Publish({.uri = "memo:///bytes"});
  endpoint.served.server->Publish({.uri = "memo:///one"});
  CHECK(At(Event(client), "/params/uri") == "memo:///one");
  REQUIRE(endpoint.served.registry->Add(Idle("new")).ok());
  CHECK(At(Event(client), "/method") == "notifications/tools/list_changed");
}

TEST_CASE("a second stream of a session replaces the first, which ends whole") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  Client first(endpoint.port), second(endpoint.port);
  BeginStream(first, endpoint.Request("GET", {{kSession, id}}));
  BeginStream(second, endpoint.Request("GET", {{kSession, id}}));
  CHECK(first.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
  endpoint.served.server->Publish({.kind = ServerEvent::Kind::kToolsChanged});
  CHECK(At(Event(second), "/method") == "notifications/tools/list_changed");
}

TEST_CASE("the end of a session ends its stream and its calls") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  Client stream(endpoint.port), caller(endpoint.port);
  BeginStream(stream, endpoint.Request("GET", {{kSession, id}}));
  BeginStream(caller,
              endpoint.Post(Legacy(1, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", 1}}}}),
                            {{kSession, id}}));
  CHECK(At(Event(caller), "/method") == "notifications/progress");
  CHECK(endpoint.Ask(endpoint.Request("DELETE", {{kSession, id}})).status == 204);
  CHECK(stream.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
  CHECK(caller.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
}

TEST_CASE("a question goes out on the stream of its call, and its answer comes in another POST") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  Client caller(endpoint.port);
  BeginStream(caller, endpoint.Post(Legacy(1, "tools/call", {{"name", "ask"}}), {{kSession, id}}));
  const Json question = Event(caller);
  CHECK(At(question, "/method") == "elicitation/create");
  const std::string other = endpoint.OpenSession();
  CHECK(endpoint.Ask(Response(question["id"], Filled("Eve")), {{kSession, other}}).status == 202);
  CHECK(endpoint.Ask(Response(question["id"], Filled("Ann")), {{kSession, id}}).status == 202);
  CHECK(At(Event(caller), kText) == "hello Ann");
  CHECK(caller.ReadUntil("\r\n\r\n").ends_with("0\r\n\r\n"));
}

TEST_CASE("a client that reads no events cannot be asked, and still gets its answer") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  const Answer answer = endpoint.Ask(Legacy(1, "tools/call", {{"name", "ask"}}),
                                     {{kSession, id}, {"Accept", "application/json"}});
  CHECK(answer.status == 200);
  CHECK(At(Body(answer), "/result/isError") == true);
}

TEST_CASE("batches belong to sessions of 2025-03-26") {
  Endpoint endpoint;
  const Json batch = Json::array({Legacy(1, "ping"), Notification("notifications/x"), Legacy("b", "ping")});
  for (const char* version : {"2025-06-18", "2025-11-25"}) {
    CHECK(endpoint.Ask(batch, {{kSession, endpoint.OpenSession("reader", version)}}).status == 400);
  }
  const std::string id = endpoint.OpenSession("reader", "2025-03-26");
  const Answer answer = endpoint.Ask(batch, {{kSession, id}});
  CHECK(answer.status == 200);
  CHECK(Body(answer).size() == 2);
  const Answer silent = endpoint.Ask(Json::array({Notification("notifications/x")}), {{kSession, id}});
  CHECK(silent.status == 202);
  CHECK(silent.body.empty());
  CHECK(endpoint.Ask(Json::array(), {{kSession, id}}).status == 400);
  const Json modern = Body(endpoint.Ask(Json::array({Modern(1, "tools/list")}), {{kSession, id}}));
  CHECK(At(modern, "/0/error/code") == -32600);
}

TEST_CASE("a client of the 2025 era that goes away has not cancelled its call") {
  Endpoint endpoint;
  const std::string id = endpoint.OpenSession();
  {
    Client caller(endpoint.port);
    BeginStream(caller, endpoint.Post(Legacy(1, "tools/call", {{"name", "ask"}}), {{kSession, id}}));
    Event(caller);
    caller.Reset();
  }
  Client second(endpoint.port);
  BeginStream(second,
              endpoint.Post(Legacy(2, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", 1}}}}),
                            {{kSession, id}}));
  Event(second);
  CHECK(endpoint.Ask(Response("mcpgate-1", Filled("Ann")), {{kSession, id}}).status == 202);
  const Json cancel = Cancelled(2);
  CHECK(endpoint.Ask(cancel, {{kSession, id}}).status == 202);
  const auto session = endpoint.served.server->FindSession(id, endpoint.served.As("reader"));
  REQUIRE(endpoint.served.server->Drain(*session, std::chrono::seconds(10)));
  std::string asked, waited;
  for (const AuditRecord& record : endpoint.served.Trail()) {
    if (record.action == "ask") asked = record.outcome == AuditOutcome::kOk ? "ok" : "stopped";
    if (record.action == "wait") waited = record.outcome == AuditOutcome::kCancelled ? "cancelled" : "other";
  }
  CHECK(asked == "ok");
  CHECK(waited == "cancelled");
}

}  // namespace
}  // namespace mcpgate
