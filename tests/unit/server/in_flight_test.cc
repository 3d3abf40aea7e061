#include <doctest/doctest.h>

#include <string>

#include "mcpgate/executor.h"
#include "support/served.h"

namespace mcpgate {
namespace {

using testing::Heard;
using testing::Served;

std::string Call(std::string_view id, std::string_view tool, std::string_view meta = "") {
  return std::string(R"({"jsonrpc":"2.0","id":)") + std::string(id) +
         R"(,"method":"tools/call","params":{"name":")" + std::string(tool) + '"' + std::string(meta) + "}}";
}

constexpr char kWithToken[] = R"(,"_meta":{"progressToken":"t"})";

std::string Cancel(std::string_view id) {
  return std::string(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)") +
         std::string(id) + "}}";
}

struct Connection {
  Served served;
  std::shared_ptr<Session> session = served.server->NewSession();
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();

  void Send(const std::string& message) {
    served.server->Handle(message, {.credentials = served.As("reader"), .session = session}, heard);
  }
  /// Starts a call that waits to be stopped and returns when it runs.
  void StartWaiting(std::string_view id) {
    Send(Call(id, "wait", kWithToken));
    CHECK(heard->Next().find("notifications/progress") != std::string::npos);
  }
};

TEST_CASE("a cancelled call stops and gets no answer") {
  Connection connection;
  connection.StartWaiting("1");
  connection.Send(Cancel("1"));
  REQUIRE(connection.heard->WaitFinished(2));
  CHECK(connection.heard->empty());
  REQUIRE(connection.served.server->Drain(*connection.session, std::chrono::seconds(10)));
  const auto trail = connection.served.Trail();
  REQUIRE(!trail.empty());
  CHECK(trail.back().action == "wait");
  CHECK(trail.back().outcome == AuditOutcome::kCancelled);
}

TEST_CASE("cancelling an id of another type or one that is not in flight has no effect") {
  Connection connection;
  connection.StartWaiting("1");
  connection.Send(Cancel("\"1\""));
  connection.Send(Cancel("2"));
  connection.Send(Cancel("null"));
  connection.Send(Cancel("[]"));
  CHECK(connection.heard->finished() == 4);
  connection.Send(Cancel("1"));
  CHECK(connection.heard->WaitFinished(6));
}

TEST_CASE("an id in flight cannot be used twice, and is free again after the answer") {
  Connection connection;
  connection.StartWaiting("1");
  connection.Send(Call("1", "limits"));
  CHECK(connection.heard->Next().find("-32600") != std::string::npos);
  connection.Send(Call("\"1\"", "limits"));
  CHECK(connection.heard->Next().find("structuredContent") != std::string::npos);
  connection.Send(Cancel("1"));
  REQUIRE(connection.served.server->Drain(*connection.session, std::chrono::seconds(10)));
  connection.Send(Call("1", "limits"));
  CHECK(connection.heard->Next().find("structuredContent") != std::string::npos);
}

// Uses the id of a call again in the moment its answer comes.
struct Reuser final : ReplySink {
  explicit Reuser(Connection& which) : connection(which) {}
  bool Notify(std::string message) override { return connection.heard->Notify(std::move(message)); }
  void Finish(ServerAnswer answer) override {
    connection.Send(Call("1", "limits"));
    connection.heard->Finish(std::move(answer));
  }
  Connection& connection;
};

TEST_CASE("whoever has the answer may use its id again at once") {
  Connection connection;
  connection.served.server->Handle(
      Call("1", "wait", kWithToken),
      {.credentials = connection.served.As("reader"), .session = connection.session},
      std::make_shared<Reuser>(connection));
  CHECK(connection.heard->Next().find("notifications/progress") != std::string::npos);
  connection.Send(Cancel("1"));
  CHECK(connection.heard->Next().find("structuredContent") != std::string::npos);
  REQUIRE(connection.served.server->Drain(*connection.session, std::chrono::seconds(10)));
}

TEST_CASE("the end of a connection stops its calls without an answer") {
  Connection connection;
  connection.StartWaiting("1");
  connection.StartWaiting("2");
  CHECK_FALSE(connection.served.server->Drain(*connection.session, Nanos(0)));
  connection.served.server->CancelAll(*connection.session);
  CHECK(connection.served.server->Drain(*connection.session, std::chrono::seconds(10)));
  CHECK(connection.heard->empty());
}

TEST_CASE("calls beyond the bound of a connection are declined and not run") {
  Connection connection;
  ServerOptions options{
      .gate = connection.served.gate.get(), .registry = connection.served.registry, .max_in_flight = 1};
  auto small = Server::New(std::move(options));
  REQUIRE(small.ok());
  const auto session = (*small)->NewSession();
  const Credentials reader = connection.served.As("reader");
  (*small)->Handle(Call("1", "wait", kWithToken), {.credentials = reader, .session = session},
                   connection.heard);
  CHECK(connection.heard->Next().find("progress") != std::string::npos);
  (*small)->Handle(Call("2", "count"), {.credentials = reader, .session = session}, connection.heard);
  CHECK(connection.heard->Next().find("42902") != std::string::npos);
  (*small)->CancelAll(*session);
  CHECK((*small)->Drain(*session, std::chrono::seconds(10)));
}

TEST_CASE("a call whose time is up is stopped and answered") {
  Connection connection;
  auto hasty = Server::New({.gate = connection.served.gate.get(),
                            .registry = connection.served.registry,
                            .call_deadline = std::chrono::milliseconds(1)});
  REQUIRE(hasty.ok());
  const auto session = (*hasty)->NewSession();
  (*hasty)->Handle(Call("1", "wait"), {.credentials = connection.served.As("reader"), .session = session},
                   connection.heard);
  const std::string answer = connection.heard->Next();
  CHECK(answer.find("\"isError\":true") != std::string::npos);
}

TEST_CASE("pages of a list join to the whole, and a cursor is bound to its key") {
  Served served({PostingLimit()}, /*page_size=*/3);
  const auto session = served.server->NewSession();
  const auto heard = std::make_shared<Heard>();
  std::vector<std::string> names;
  std::string cursor;
  do {
    Json request = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/list"}, {"params", Json::object()}};
    if (!cursor.empty()) request["params"]["cursor"] = cursor;
    served.server->Handle(DumpJson(request), {.credentials = served.As("reader"), .session = session}, heard);
    const Json result = *FindObject(*ParseJson(heard->Next()), "result");
    CHECK(FindArray(result, "tools")->size() <= 3);
    for (const Json& tool : *FindArray(result, "tools")) names.push_back(StringOr(tool, "name", ""));
    cursor = StringOr(result, "nextCursor", "");
  } while (!cursor.empty());
  CHECK(names ==
        std::vector<std::string>{"echo", "count", "fail", "throw", "list", "misfit", "wait", "limits"});
}

TEST_CASE("a server that goes waits for its calls, though their executor lives longer") {
  const std::shared_ptr<Executor> executor = NewThreadPool({.threads = 2});
  for (int round = 0; round < 50; ++round) {
    const auto heard = std::make_shared<Heard>();
    {
      Served served({.registry = testing::PlainTools(),
                     .tune = [&](ServerOptions& options) { options.executor = executor; }});
      const std::shared_ptr<Session> session = served.server->NewSession();
      const Credentials reader = served.As("reader");
      served.server->Handle(Call("1", "wait", kWithToken), {.credentials = reader, .session = session},
                            heard);
      REQUIRE(heard->Next().find("notifications/progress") != std::string::npos);
      served.server->Handle(Cancel("1"), {.credentials = reader, .session = session}, heard);
    }
    CHECK(heard->finished() == 2);
  }
}

}  // namespace
}  // namespace mcpgate
