// subscriptions/listen over the real transport: all of them share one pipe.
#include <string>

#include "piped_server.h"
#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kId[] = "/params/_meta/io.modelcontextprotocol~1subscriptionId";
const Json kTools = {{"toolsListChanged", true}};

struct Listening : PipedServer {
  void Say(const Json& message) { Send(DumpJson(message) + "\n"); }
  Json Hear() {
    const std::string line = Line();
    REQUIRE_MESSAGE(!line.empty(), "output has ended");
    return *ParseJson(line);
  }
  // Begins a listen, which is acknowledged first.
  void Listen(const Json& id) {
    Say(Modern(id, "subscriptions/listen", {{"notifications", kTools}}));
    const Json ack = Hear();
    CHECK(At(ack, "/method") == "notifications/subscriptions/acknowledged");
    CHECK(At(ack, "/params/notifications") == kTools);
    CHECK(At(ack, kId) == id);
  }
  void Change(std::string name) { REQUIRE(served().registry->Add(Idle(std::move(name))).ok()); }
  void HearChange(const Json& id) {
    const Json change = Hear();
    CHECK(At(change, "/method") == "notifications/tools/list_changed");
    CHECK(At(change, kId) == id);
  }
  // A request that is answered at once: what was to come before has come.
  void Ping(int id) {
    Say(Modern(id, "server/discover"));
    const Json answer = Hear();
    CHECK(At(answer, "/id") == id);
    CHECK(answer.contains("result"));
  }
};

TEST_CASE("a listen on stdio hears of changes until its client cancels it, and then nothing more") {
  Listening client;
  client.Listen("one");
  client.Change("first");
  client.HearChange("one");
  client.Listen(2);
  client.Change("second");
  client.HearChange("one");
  client.HearChange(2);
  client.Say(Cancelled("one"));
  client.Ping(7);  // a cancelled listen gets no answer
  client.Change("third");
  client.HearChange(2);
  client.Ping(8);
}

TEST_CASE("an id whose listen was cancelled can be used again") {
  Listening client;
  client.Listen(1);
  client.Say(Modern(1, "subscriptions/listen", {{"notifications", kTools}}));
  CHECK(At(client.Hear(), "/error/code") == -32600);  // still open
  client.Say(Cancelled(1));
  client.Listen(1);
  client.Change("new");
  client.HearChange(1);
}

TEST_CASE("at the end of input every open listen gets its result, and the server ends well") {
  Listening client;
  client.Listen(1);
  client.Listen("two");
  client.Listen(3);
  client.Say(Cancelled(1));
  client.CloseInput();
  for (const Json& id : {Json("two"), Json(3)}) {
    const Json result = client.Hear();
    CHECK(At(result, "/id") == id);
    CHECK(At(result, "/result/resultType") == "complete");
    CHECK(At(result, "/result/_meta/io.modelcontextprotocol~1subscriptionId") == id);
  }
  CHECK(client.Line().empty());
  CHECK(client.End().ok());
}

TEST_CASE("a server that is told to stop says so to whoever listens") {
  Listening client;
  client.Listen(1);
  client.RequestStop();
  CHECK(At(client.Hear(), "/result/resultType") == "complete");
  CHECK(client.Line().empty());
  CHECK(client.End().ok());
}

}  // namespace
}  // namespace mcpgate
