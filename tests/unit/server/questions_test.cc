// Questions of the 2025 era: a request to the client on the stream of the call that asks.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kText[] = "/result/content/0/text";

Json CallOf(std::string_view tool, const Json& id = 1) {
  return Legacy(id, "tools/call", {{"name", tool}, {"_meta", {{"progressToken", "p"}}}});
}

struct Asking {
  explicit Asking(std::function<void(ServerOptions&)> tune = {})
      : served(Serving{.registry = Everything(), .tune = std::move(tune)}), talk(served) {}

  /// Starts the call and returns its question.
  static Json Begin(Talk& talk, std::string_view tool, const Json& id = 1) {
    const Json question = talk.Ask(CallOf(tool, id));
    REQUIRE(At(question, "/method") == "elicitation/create");
    return question;
  }
  void Settle() { CHECK(served.server->Drain(*talk.session, std::chrono::seconds(10))); }

  Served served;
  Talk talk;
};

TEST_CASE("a question goes out as a request, and its answer resumes the handler") {
  Asking asking;
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask");
  CHECK(At(question, "/jsonrpc") == "2.0");
  CHECK(At(question, "/id").is_string());
  CHECK(At(question, "/params/message") == "Your name?");
  CHECK(At(question, "/params/requestedSchema/required/0") == "name");
  const Json answer = asking.talk.Ask(Response(question["id"], Filled("Ann")));
  CHECK(At(answer, "/id") == 1);
  CHECK(At(answer, kText) == "hello Ann");
  CHECK_FALSE(At(answer, "/result").contains("resultType"));
}

TEST_CASE("a question goes out where its own call is answered") {
  Asking asking;
  asking.talk.Open();
  const auto own = std::make_shared<Heard>();
  asking.served.server->Handle(DumpJson(CallOf("ask", 7)),
                               {.credentials = asking.served.As("reader"), .session = asking.talk.session},
                               own);
  const Json question = *ParseJson(own->Next());
  asking.talk.Send(Response(At(question, "/id"), Filled("Ann")));
  CHECK(At(*ParseJson(own->Next()), kText) == "hello Ann");
  CHECK(asking.talk.heard->empty());
}

TEST_CASE("one call can ask several questions, one after the other, each under an id of its own") {
  Asking asking;
  asking.talk.Open();
  std::set<std::string> ids;
  Json heard = asking.talk.Ask(CallOf("ask_three"));
  for (const char* name : {"1", "2", "3"}) {
    ids.insert(At(heard, "/id").get<std::string>());
    heard = asking.talk.Ask(Response(heard["id"], Filled(name)));
  }
  CHECK(At(heard, kText) == "1 2 3 ");
  CHECK(ids.size() == 3);
}

TEST_CASE("an answer that is an error fails the tool, and so does one that does not fit the question") {
  Asking asking;
  asking.talk.Open();
  Json question = Asking::Begin(asking.talk, "ask");
  Json answer = asking.talk.Ask({{"jsonrpc", "2.0"},
                                 {"id", question["id"]},
                                 {"error", {{"code", -1}, {"message", "the person has left"}}}});
  CHECK(At(answer, "/result/isError") == true);
  CHECK(At(answer, kText).get<std::string>().find("the person has left") != std::string::npos);
  for (const Json& bad : {Json(7), Json(nullptr), Json::object(), Json{{"action", "accept"}},
                          Json{{"action", "accept"}, {"content", {{"name", 7}}}}}) {
    CAPTURE(bad.dump());
    question = Asking::Begin(asking.talk, "ask");
    answer = asking.talk.Ask(Response(question["id"], bad));
    CHECK(At(answer, "/result/isError") == true);
  }
}

TEST_CASE("a call that is cancelled while it asks ends, and takes its question back") {
  Asking asking;
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask");
  asking.talk.Send(Cancelled(1));
  const Json taken_back = asking.talk.Hear();
  CHECK(At(taken_back, "/method") == "notifications/cancelled");
  CHECK(At(taken_back, "/params/requestId") == question["id"]);
  asking.Settle();
  CHECK(asking.talk.heard->empty());
  CHECK(asking.served.Trail().back().outcome == AuditOutcome::kCancelled);
  asking.talk.Send(Response(question["id"], Filled("late")));
  CHECK(asking.talk.heard->empty());
}

TEST_CASE("a client that does not answer in time is asked no more, and the tool fails") {
  Asking asking([](ServerOptions& options) { options.ask_patience = std::chrono::milliseconds(1); });
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask");
  CHECK(At(asking.talk.Hear(), "/params/requestId") == question["id"]);
  CHECK(At(asking.talk.Hear(), "/result/isError") == true);
}

TEST_CASE("no more calls wait for their clients than may, and a place is free again after an answer") {
  Asking asking([](ServerOptions& options) { options.max_asking = 1; });
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask", 1);
  const Json declined = asking.talk.Ask(CallOf("ask", 2));
  CHECK(At(declined, "/id") == 2);
  CHECK(At(declined, "/result/isError") == true);
  CHECK(At(asking.talk.Ask(Response(question["id"], Filled("Ann"))), kText) == "hello Ann");
  Asking::Begin(asking.talk, "ask", 3);
  asking.served.server->CancelAll(*asking.talk.session);
  asking.Settle();
}

TEST_CASE("a key whose calls wait for their clients leaves places to others") {
  Asking asking([](ServerOptions& options) { options.max_asking_of_key = 1; });
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask", 1);
  Talk same(asking.served), other(asking.served, "writer");
  same.Open();
  other.Open();
  CHECK(At(same.Ask(CallOf("ask", 1)), "/result/isError") == true);
  const Json theirs = Asking::Begin(other, "ask", 1);
  CHECK(At(other.Ask(Response(theirs["id"], Filled("Bob"))), kText) == "hello Bob");
  CHECK(At(asking.talk.Ask(Response(question["id"], Filled("Ann"))), kText) == "hello Ann");
  const Json next = Asking::Begin(same, "ask", 2);
  CHECK(At(same.Ask(Response(next["id"], Filled("Cat"))), kText) == "hello Cat");
}

TEST_CASE("answers to ids that were never asked, or asked by another connection, have no effect") {
  Asking asking;
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask");
  Talk other(asking.served);
  other.Open();
  other.Send(Response(question["id"], Filled("Eve")));
  for (const Json& id : {Json("mcpgate-999"), Json(1), Json(""), Json("1")}) {
    asking.talk.Send(Response(id, Filled("Eve")));
  }
  CHECK(other.heard->empty());
  CHECK(asking.talk.heard->empty());
  CHECK(At(asking.talk.Ask(Response(question["id"], Filled("Ann"))), kText) == "hello Ann");
}

TEST_CASE("of two answers to one question the first counts") {
  Asking asking;
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask_three");
  Json second = asking.talk.Ask(Response(question["id"], Filled("1")));
  asking.talk.Send(Response(question["id"], Filled("Eve")));
  Json third = asking.talk.Ask(Response(second["id"], Filled("2")));
  CHECK(At(asking.talk.Ask(Response(third["id"], Filled("3"))), kText) == "1 2 3 ");
}

TEST_CASE("the time of a call stands still while it asks") {
  Asking asking([](ServerOptions& options) { options.call_deadline = std::chrono::seconds(30); });
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask");
  asking.served.clock.Advance(std::chrono::seconds(100));
  // A second call, whose time begins now, wakes whoever watches the time.
  CHECK(At(asking.talk.Ask(CallOf("wait", 2)), "/method") == "notifications/progress");
  CHECK(At(asking.talk.Ask(Response(question["id"], Filled("Ann"))), kText) == "hello Ann");
  asking.talk.Send(Cancelled(2));
  asking.Settle();
}

TEST_CASE("the time of a call goes on after its question") {
  Asking asking([](ServerOptions& options) {
    options.call_deadline = std::chrono::milliseconds(300);
    options.ask_patience = std::chrono::minutes(5);
    options.clock = &Clock::System();
  });
  asking.talk.Open();
  const Json question = Asking::Begin(asking.talk, "ask_then_wait");
  // When this one's time is up, so is what the first would have had without its question.
  CHECK(At(asking.talk.Ask(CallOf("wait", 2)), "/method") == "notifications/progress");
  CHECK(At(asking.talk.Hear(), "/id") == 2);
  CHECK(At(asking.talk.Ask(Response(question["id"], Filled("Ann"))), "/method") == "notifications/progress");
  const Json answer = asking.talk.Hear();
  CHECK(At(answer, "/id") == 1);
  CHECK(At(answer, "/result/isError") == true);
}

TEST_CASE("a client that declared nothing, an inline handler and an element of a batch cannot ask") {
  Asking asking;
  asking.talk.Open("2025-03-26", {{"sampling", Json::object()}, {"roots", Json::object()}});
  CHECK(At(asking.talk.Ask(CallOf("ask")), "/result/isError") == true);  // no elicitation in 2025-03-26
  const Json batch = asking.talk.Ask(
      Json::array({Legacy(1, "tools/call", {{"name", "ask_way"}, {"arguments", {{"way", "roots"}}}})}));
  CHECK(At(batch, "/0/result/isError") == true);
  Talk newer(asking.served);
  newer.Open("2025-11-25");
  CHECK(At(newer.Ask(CallOf("ask_inline")), "/result/isError") == true);
  Talk silent(asking.served);
  silent.Open("2025-11-25", Json::object());
  CHECK(At(silent.Ask(CallOf("ask")), "/result/isError") == true);
}

TEST_CASE("each revision is asked only what it knows") {
  struct Way {
    std::string version, way;
    bool asks;
  };
  for (const Way& way :
       {Way{"2025-03-26", "form", false}, Way{"2025-03-26", "url", false}, Way{"2025-03-26", "sample", true},
        Way{"2025-03-26", "roots", true}, Way{"2025-06-18", "form", true}, Way{"2025-06-18", "url", false},
        Way{"2025-11-25", "form", true}, Way{"2025-11-25", "url", true}}) {
    CAPTURE(way.version);
    CAPTURE(way.way);
    Asking asking;
    asking.talk.Open(way.version);
    const Json heard =
        asking.talk.Ask(Legacy(1, "tools/call", {{"name", "ask_way"}, {"arguments", {{"way", way.way}}}}));
    CHECK(heard.contains("method") == way.asks);
    if (way.asks && way.way == "url") CHECK(At(heard, "/params/elicitationId").is_string());
    asking.served.server->CancelAll(*asking.talk.session);
    asking.Settle();
  }
}

TEST_CASE("a client that cannot be reached fails the tool at once") {
  struct Deaf final : ReplySink {
    bool Notify(std::string) override { return false; }
    void Finish(ServerAnswer answer) override { heard->Finish(std::move(answer)); }
    std::shared_ptr<Heard> heard = std::make_shared<Heard>();
  };
  Asking asking;
  asking.talk.Open();
  const auto deaf = std::make_shared<Deaf>();
  asking.served.server->Handle(DumpJson(CallOf("ask")),
                               {.credentials = asking.served.As("reader"), .session = asking.talk.session},
                               deaf);
  CHECK(At(*ParseJson(deaf->heard->Next()), "/result/isError") == true);
}

TEST_CASE("the end of a connection ends the calls that ask") {
  Asking asking;
  asking.talk.Open();
  Asking::Begin(asking.talk, "ask");
  asking.served.server->CancelAll(*asking.talk.session);
  asking.Settle();
  CHECK(asking.talk.heard->WaitFinished(2));
}

}  // namespace
}  // namespace mcpgate
