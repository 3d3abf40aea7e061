// Who is told what: subscriptions/listen in the 2026 era, the connection's stream in the 2025 era.
#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "mcpgate/key_admin.h"
#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;
using Kind = ServerEvent::Kind;

constexpr char kId[] = "/params/_meta/io.modelcontextprotocol~1subscriptionId";
constexpr char kToolsChanged[] = "notifications/tools/list_changed";
constexpr char kUpdated[] = "notifications/resources/updated";

Json Listen(const Json& id, Json asked) {
  return Modern(id, "subscriptions/listen", {{"notifications", std::move(asked)}});
}
const Json kTools = {{"toolsListChanged", true}};
Json Uris(std::vector<std::string> uris) { return {{"resourceSubscriptions", std::move(uris)}}; }

struct Listening {
  explicit Listening(std::function<void(ServerOptions&)> tune = {})
      : served(Serving{.registry = Everything(), .tune = std::move(tune)}), talk(served) {}
  /// Opens a listen on a stream of its own, as over HTTP, and reads its acknowledgement.
  std::shared_ptr<Heard> Open(const Json& id, const Json& asked, const Credentials& who) {
    const auto heard = std::make_shared<Heard>();
    served.server->Handle(DumpJson(Listen(id, asked)), {.credentials = who}, heard);
    CHECK(At(*ParseJson(heard->Next()), "/method") == "notifications/subscriptions/acknowledged");
    return heard;
  }
  std::shared_ptr<Heard> Open(const Json& id, const Json& asked) {
    return Open(id, asked, served.As("reader"));
  }
  void Update(std::string uri) { served.server->Publish({.uri = std::move(uri)}); }

  Served served;
  Talk talk;
};

Json Next(Heard& heard) { return *ParseJson(heard.Next()); }

TEST_CASE("a listen is acknowledged first, with what it is granted and nothing else") {
  Listening listening;
  struct Row {
    Json asked, granted;
  };
  const Json kNothing = Json::object();
  for (const Row& row :
       {Row{kNothing, kNothing}, Row{kTools, kTools}, Row{{{"toolsListChanged", false}}, kNothing},
        Row{{{"toolsListChanged", "yes"}}, kNothing}, Row{{{"tasks", true}, {"unheardOf", {"1"}}}, kNothing},
        Row{{{"promptsListChanged", true}, {"resourcesListChanged", true}},
            {{"promptsListChanged", true}, {"resourcesListChanged", true}}},
        Row{Uris({}), kNothing},
        Row{Uris({"memo:///one", "memo:///one", "memo:///day/x", "memo:///nope", "memo:///hidden",
                  "memo:///day/hidden"}),
            Uris({"memo:///day/x", "memo:///one"})}}) {
    CAPTURE(row.asked.dump());
    const auto heard = std::make_shared<Heard>();
    listening.served.server->Handle(DumpJson(Listen("l", row.asked)),
                                    {.credentials = listening.served.As("reader")}, heard);
    const Json ack = Next(*heard);
    CHECK(At(ack, "/method") == "notifications/subscriptions/acknowledged");
    CHECK(At(ack, "/params/notifications") == row.granted);
    CHECK(At(ack, kId) == "l");
    CHECK(heard->finished() == 0);
  }
}

TEST_CASE("a server without prompts and resources does not grant their changes") {
  Served served;
  Talk talk(served);
  const Json ack = talk.Ask(
      Listen(1, {{"toolsListChanged", true}, {"promptsListChanged", true}, {"resourcesListChanged", true}}));
  CHECK(At(ack, "/params/notifications") == kTools);
}

TEST_CASE("a listen whose wishes cannot be read is refused") {
  Listening listening([](ServerOptions& options) { options.max_subscriptions = 2; });
  for (const Json& bad :
       {Json(nullptr), Json(7), Json::array(), Json{{"resourceSubscriptions", "memo:///one"}},
        Json{{"resourceSubscriptions", {7}}}, Uris({"a:1", "a:2", "a:3"})}) {
    CAPTURE(bad.dump());
    CHECK(At(listening.talk.Ask(Listen(1, bad)), "/error/code") == -32602);
  }
  CHECK(At(listening.talk.Ask(Modern(1, "subscriptions/listen")), "/error/code") == -32602);
}

TEST_CASE("every message of a listen carries its id in the type it came in") {
  Listening listening;
  for (const Json& id : {Json(1), Json("1"), Json(1763750000123), Json(-9007199254740993), Json("")}) {
    CAPTURE(id.dump());
    const auto heard = std::make_shared<Heard>();
    listening.served.server->Handle(DumpJson(Listen(id, kTools)),
                                    {.credentials = listening.served.As("reader")}, heard);
    for (int i = 0; i < 2; ++i) {
      if (i == 1) listening.served.server->Publish({.kind = Kind::kToolsChanged});
      const std::string text = heard->Next();
      CHECK(text.find("subscriptionId\":" + id.dump()) != std::string::npos);
    }
    listening.served.server->EndStreams();
    const std::string end = heard->Next();
    CHECK(end.find("\"id\":" + id.dump()) != std::string::npos);
    CHECK(end.find("subscriptionId\":" + id.dump()) != std::string::npos);
  }
}

TEST_CASE("a change of the registry reaches every listen and stream that asked for it") {
  Listening listening;
  Registry& registry = *listening.served.registry;
  listening.talk.Open();
  const auto stream = std::make_shared<Heard>();
  listening.served.server->AttachStream(listening.talk.session, listening.served.As("reader"), stream);
  const auto tools = listening.Open(1, kTools);
  const auto others = listening.Open(2, {{"promptsListChanged", true}, {"resourcesListChanged", true}});
  const auto changes = [&](const absl::Status& status) {
    CHECK(status.ok());
    CHECK(At(Next(*stream), "/method") == kToolsChanged);
    CHECK(At(Next(*tools), "/method") == kToolsChanged);
  };
  changes(registry.Add(Idle("new")));
  changes(registry.SetEnabled(Listed::kTools, "new", false));
  changes(registry.SetEnabled(Listed::kTools, "new", true));
  changes(registry.Remove(Listed::kTools, "new"));
  CHECK_FALSE(registry.Remove(Listed::kTools, "new").ok());
  CHECK(registry.SetEnabled(Listed::kPrompts, "greet", false).ok());
  CHECK(At(Next(*others), "/method") == "notifications/prompts/list_changed");
  CHECK(At(Next(*stream), "/method") == "notifications/prompts/list_changed");
  CHECK(registry.SetEnabled(Listed::kTemplates, "memo:///day/{day}", false).ok());
  CHECK(At(Next(*others), "/method") == "notifications/resources/list_changed");
  CHECK(At(Next(*stream), "/method") == "notifications/resources/list_changed");
  CHECK(tools->empty());
}

TEST_CASE("what was disabled is neither listed nor served until it is enabled, in its old place") {
  Listening listening;
  const auto first = [&] {
    return At(listening.talk.Ask(Legacy(1, "prompts/list")), "/result/prompts/0/name");
  };
  CHECK(first() == "greet");
  REQUIRE(listening.served.registry->SetEnabled(Listed::kPrompts, "greet", false).ok());
  CHECK(first() == "linked");
  CHECK(At(listening.talk.Ask(Legacy(1, "prompts/get", {{"name", "greet"}, {"arguments", {{"name", "A"}}}})),
           "/error/code") == -32602);
  REQUIRE(listening.served.registry->SetEnabled(Listed::kPrompts, "greet", true).ok());
  CHECK(first() == "greet");
}

TEST_CASE("an update of a resource reaches who listens for that resource") {
  Listening listening;
  const auto one = listening.Open(1, Uris({"memo:///one"})), day = listening.Open(2, Uris({"memo:///day/x"}));
  const auto none = listening.Open(3, kTools);
  listening.Update("memo:///one");
  const Json told = Next(*one);
  CHECK(At(told, "/method") == kUpdated);
  CHECK(At(told, "/params/uri") == "memo:///one");
  CHECK(At(told, kId) == 1);
  listening.Update("memo:///day/x");
  CHECK(At(Next(*day), "/params/uri") == "memo:///day/x");
  listening.Update("memo:///bytes");
  listening.Update("memo:///ONE");
  CHECK((one->empty() && day->empty() && none->empty()));
}

TEST_CASE("overlapping listens of one client are each told") {
  Listening listening;
  const auto first = listening.Open(1, kTools), second = listening.Open("1", kTools);
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(At(Next(*first), kId) == 1);
  CHECK(At(Next(*second), kId) == "1");
}

TEST_CASE("a connection of the 2025 era hears of the resources it subscribed to, until it unsubscribes") {
  Listening listening;
  listening.talk.Open();
  const auto stream = std::make_shared<Heard>();
  listening.served.server->AttachStream(listening.talk.session, listening.served.As("reader"), stream);
  listening.Update("memo:///one");
  CHECK(stream->empty());
  listening.talk.Ask(Legacy(1, "resources/subscribe", {{"uri", "memo:///one"}}));
  listening.Update("memo:///one");
  const Json told = Next(*stream);
  CHECK(told == Json{{"jsonrpc", "2.0"}, {"method", kUpdated}, {"params", {{"uri", "memo:///one"}}}});
  listening.Update("memo:///bytes");
  listening.talk.Ask(Legacy(2, "resources/unsubscribe", {{"uri", "memo:///one"}}));
  listening.Update("memo:///one");
  CHECK(stream->empty());
}

TEST_CASE("a connection that was never initialized is told nothing unasked") {
  Listening listening;
  const auto stream = std::make_shared<Heard>();
  listening.served.server->AttachStream(listening.talk.session, listening.served.As("reader"), stream);
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(stream->empty());
}

TEST_CASE("a subscription beyond the bound is refused, and one that is there already is not counted again") {
  Listening listening([](ServerOptions& options) { options.max_subscriptions = 2; });
  listening.talk.Open();
  const auto subscribe = [&](const char* uri) {
    return listening.talk.Ask(Legacy(1, "resources/subscribe", {{"uri", uri}}));
  };
  CHECK(subscribe("memo:///day/1").contains("result"));
  CHECK(subscribe("memo:///day/2").contains("result"));
  CHECK(subscribe("memo:///day/2").contains("result"));
  CHECK(At(subscribe("memo:///day/3"), "/error/code") == -32602);
  listening.talk.Ask(Legacy(2, "resources/unsubscribe", {{"uri", "memo:///day/1"}}));
  CHECK(subscribe("memo:///day/3").contains("result"));
}

TEST_CASE("two keys are told of what each may read") {
  Listening listening;
  const auto reader = listening.Open(1, Uris({"memo:///hidden", "memo:///one"}));
  const auto admin = listening.Open(1, Uris({"memo:///hidden"}), listening.served.As("admin"));
  listening.Update("memo:///hidden");
  CHECK(At(Next(*admin), "/params/uri") == "memo:///hidden");
  CHECK(reader->empty());
}

TEST_CASE("a key that was revoked hears nothing more, and its streams end") {
  Listening listening;
  Served& served = listening.served;
  const Secret token = served.Issue({.role = Role::kReader});
  const Credentials who{.api_key = token, .source = "test"};
  const auto heard = listening.Open(1, kTools, who), kept = listening.Open(2, kTools);
  listening.talk.Open();
  const auto stream = std::make_shared<Heard>();
  served.server->AttachStream(listening.talk.session, who, stream);
  const auto principal = served.gate->Authenticate(who);
  REQUIRE(principal.ok());
  REQUIRE(served.keyring->admin().Revoke(TenantScope::Operator(), (*principal)->key_id).ok());
  served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(heard->WaitFinished(1));
  CHECK(stream->WaitFinished(1));
  CHECK((heard->empty() && stream->empty()));
  CHECK(At(Next(*kept), kId) == 2);
}

TEST_CASE("without an event, streams of a revoked key end when they are looked after; others stay") {
  Listening listening;
  Served& served = listening.served;
  const Credentials who{.api_key = served.Issue({.role = Role::kReader}), .source = "test"};
  const auto heard = listening.Open(1, kTools, who), kept = listening.Open(2, kTools);
  listening.talk.Open();
  const auto stream = std::make_shared<Heard>();
  served.server->AttachStream(listening.talk.session, who, stream);
  served.server->EndRefusedStreams();
  CHECK(heard->finished() == 0);
  CHECK(stream->finished() == 0);
  const auto principal = served.gate->Authenticate(who);
  REQUIRE(principal.ok());
  REQUIRE(served.keyring->admin().Revoke(TenantScope::Operator(), (*principal)->key_id).ok());
  served.server->EndRefusedStreams();
  CHECK(heard->finished() == 1);
  CHECK(stream->finished() == 1);
  CHECK(kept->finished() == 0);
}

TEST_CASE("listens are bounded in all and for each key, and a place is free again when one ends") {
  Listening listening([](ServerOptions& options) {
    options.max_listens = 3;
    options.max_listens_of_key = 2;
  });
  Served& served = listening.served;
  std::stop_source gone;
  const auto heard = std::make_shared<Heard>();
  served.server->Handle(DumpJson(Listen(1, kTools)),
                        {.credentials = served.As("reader"), .gone = gone.get_token()}, heard);
  const auto second = listening.Open(2, kTools);
  const auto refused = [&](std::string_view role) {
    const auto answer = std::make_shared<Heard>();
    served.server->Handle(DumpJson(Listen(3, kTools)), {.credentials = served.As(role)}, answer);
    const Json first = Next(*answer);
    if (first.contains("error")) CHECK(At(first, "/error/code") == 42902);
    return first.contains("error");
  };
  CHECK(refused("reader"));
  CHECK_FALSE(refused("writer"));
  CHECK(refused("writer"));  // three in all
  gone.request_stop();
  CHECK(heard->WaitFinished(1));
  CHECK_FALSE(refused("admin"));
}

TEST_CASE("a client that is gone already ends its listen at once") {
  Listening listening;
  std::stop_source gone;
  gone.request_stop();
  const auto heard = std::make_shared<Heard>();
  listening.served.server->Handle(DumpJson(Listen(1, kTools)),
                                  {.credentials = listening.served.As("reader"), .gone = gone.get_token()},
                                  heard);
  CHECK(heard->WaitFinished(1));
}

TEST_CASE("on one connection a listen is cancelled by its id, and then says nothing more") {
  Listening listening;
  const Json ack = listening.talk.Ask(Listen(5, kTools));
  CHECK(At(ack, kId) == 5);
  CHECK(At(listening.talk.Ask(Listen(5, kTools)), "/error/code") == -32600);
  listening.talk.Send(Cancelled("5"));
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(At(listening.talk.Hear(), kId) == 5);
  Json cancel = Cancelled(5);
  cancel["params"]["_meta"] = Modern(1, "x")["params"]["_meta"];
  listening.talk.Send(cancel);
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(listening.talk.heard->empty());
  CHECK(listening.served.server->Drain(*listening.talk.session, std::chrono::seconds(10)));
  CHECK(At(listening.talk.Ask(Listen(5, kTools)), kId) == 5);
}

TEST_CASE("a server that stops ends its listens with a result, and the streams of 2025 in silence") {
  Listening listening;
  listening.talk.Open();
  const auto stream = std::make_shared<Heard>();
  listening.served.server->AttachStream(listening.talk.session, listening.served.As("reader"), stream);
  const auto heard = listening.Open("x", kTools);
  listening.served.server->EndStreams();
  const Json end = Next(*heard);
  CHECK(At(end, "/id") == "x");
  CHECK(At(end, "/result/resultType") == "complete");
  CHECK(At(end, "/result/_meta/io.modelcontextprotocol~1subscriptionId") == "x");
  CHECK(heard->WaitFinished(1));
  CHECK(stream->WaitFinished(1));
  CHECK(stream->empty());
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK((heard->empty() && stream->empty()));
}

TEST_CASE("the streams of one connection can be ended alone") {
  Listening listening;
  listening.talk.Ask(Listen(1, kTools));
  Talk other(listening.served);
  other.Ask(Listen(1, kTools));
  listening.served.server->EndStreams(listening.talk.session.get());
  CHECK(At(listening.talk.Hear(), "/result/resultType") == "complete");
  CHECK(other.heard->empty());
}

TEST_CASE("a stream that is attached later replaces the one before, which ends") {
  Listening listening;
  listening.talk.Open();
  const auto first = std::make_shared<Heard>(), second = std::make_shared<Heard>();
  for (const auto& stream : {first, second}) {
    listening.served.server->AttachStream(listening.talk.session, listening.served.As("reader"), stream);
  }
  CHECK(first->WaitFinished(1));
  listening.served.server->Publish({.kind = Kind::kToolsChanged});
  CHECK(At(Next(*second), "/method") == kToolsChanged);
  CHECK((first->empty() && second->empty()));
}

TEST_CASE("events, changes, new listens and ends may come from many threads at once") {
  Listening listening;
  Served& served = listening.served;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < 200; ++i) served.server->Publish({.uri = "memo:///one"});
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 50; ++i) {
      (void)served.registry->Add(Idle("t" + std::to_string(i)));
      (void)served.registry->Remove(Listed::kTools, "t" + std::to_string(i));
    }
  });
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        std::stop_source gone;
        const auto heard = std::make_shared<Heard>();
        served.server->Handle(
            DumpJson(Listen(i, {{"toolsListChanged", true}, {"resourceSubscriptions", {"memo:///one"}}})),
            {.credentials = served.As("reader"), .gone = gone.get_token()}, heard);
        gone.request_stop();
        CHECK(heard->WaitFinished(1));
        CHECK(At(Next(*heard), "/method") == "notifications/subscriptions/acknowledged");
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 50; ++i) {
      Talk talk(served);
      talk.Open();
      served.server->AttachStream(talk.session, served.As("reader"), std::make_shared<Heard>());
      served.server->EndSession(*talk.session);
    }
  });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace mcpgate
