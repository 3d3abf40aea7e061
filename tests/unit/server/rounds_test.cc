// Questions of the 2026 era: the call ends with them, and the client calls again with the answers.
#include <doctest/doctest.h>

#include "support/talk.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kText[] = "/result/content/0/text";
constexpr char kState[] = "/result/requestState";
constexpr char kCode[] = "/error/code";

Json Call(std::string_view tool, Json more = Json::object(), Json capabilities = kCanAll) {
  more["name"] = tool;
  return Modern(1, "tools/call", std::move(more), std::move(capabilities));
}

Json Again(std::string_view tool, const Json& state, Json responses) {
  return Call(tool, {{"requestState", state}, {"inputResponses", std::move(responses)}});
}

struct Rounds {
  explicit Rounds(std::function<void(ServerOptions&)> tune = {})
      : served(Serving{.registry = Everything(), .tune = std::move(tune)}), talk(served) {}
  Served served;
  Talk talk;

  /// The state of a call that has asked its first question.
  Json Begin(std::string_view tool) {
    const Json answer = talk.Ask(Call(tool));
    REQUIRE(At(answer, "/result/resultType") == "input_required");
    return At(answer, kState);
  }
};

TEST_CASE("a call asks, and answers when it is called again with what was said") {
  Rounds rounds;
  const Json asked = rounds.talk.Ask(Call("ask"));
  CHECK(At(asked, "/result/resultType") == "input_required");
  CHECK(At(asked, "/result/inputRequests/name/method") == "elicitation/create");
  CHECK(At(asked, "/result/inputRequests/name/params/message") == "Your name?");
  CHECK_FALSE(At(asked, "/result/inputRequests/name").contains("id"));
  CHECK_FALSE(At(asked, "/result").contains("content"));
  CHECK_FALSE(At(asked, "/result").contains("ttlMs"));
  CHECK(At(asked, "/result/_meta/io.modelcontextprotocol~1serverInfo/name") == "test-server");
  const Json answer = rounds.talk.Ask(Again("ask", At(asked, kState), {{"name", Filled("Ann")}}));
  CHECK(At(answer, "/result/resultType") == "complete");
  CHECK(At(answer, kText) == "hello Ann");
}

TEST_CASE("prompts and resources ask in the same way, and a resource read says how long it may be kept") {
  Rounds rounds;
  struct Way {
    std::string method;
    Json params;
    std::string text_at, text;
  };
  for (const Way& way :
       {Way{"prompts/get", {{"name", "asking"}}, "/result/messages/0/content/text", "I am Ann"},
        Way{"resources/read", {{"uri", "memo:///asking"}}, "/result/contents/0/text", "for Ann"}}) {
    CAPTURE(way.method);
    const Json asked = rounds.talk.Ask(Modern(1, way.method, way.params, kCanAll));
    CHECK(At(asked, "/result/resultType") == "input_required");
    CHECK_FALSE(At(asked, "/result").contains("cacheScope"));
    Json params = way.params;
    params["requestState"] = At(asked, kState);
    params["inputResponses"] = {{"name", Filled("Ann")}};
    CHECK(At(rounds.talk.Ask(Modern(2, way.method, params, kCanAll)), way.text_at) == way.text);
  }
}

TEST_CASE("later rounds know the answers of all earlier ones, which travel sealed") {
  Rounds rounds;
  Json state = rounds.Begin("ask_three");
  Json asked = rounds.talk.Ask(Again("ask_three", state, {{"first", Filled("1")}}));
  CHECK(At(asked, "/result/inputRequests").size() == 1);
  CHECK(At(asked, "/result/inputRequests").contains("second"));
  asked = rounds.talk.Ask(Again("ask_three", At(asked, kState), {{"second", Filled("2")}}));
  CHECK(At(asked, "/result/inputRequests").contains("third"));
  const Json answer =
      rounds.talk.Ask(Again("ask_three", At(asked, kState), {{"third", {{"action", "decline"}}}}));
  CHECK(At(answer, kText) == "1 2 decline ");
}

TEST_CASE("the answer to an earlier round cannot be changed in a later one") {
  Rounds rounds;
  const Json state = rounds.Begin("ask_three");
  Json asked = rounds.talk.Ask(Again("ask_three", state, {{"first", Filled("1")}}));
  asked = rounds.talk.Ask(
      Again("ask_three", At(asked, kState), {{"first", Filled("changed")}, {"second", Filled("2")}}));
  const Json answer = rounds.talk.Ask(Again("ask_three", At(asked, kState), {{"third", Filled("3")}}));
  CHECK(At(answer, kText) == "1 2 3 ");
}

TEST_CASE("an answer that is missing or does not fit is asked for again, and what was not asked is ignored") {
  Rounds rounds;
  const Json kNothing = Json::object();
  for (const Json& responses :
       {kNothing, Json{{"other", Filled("Ann")}}, Json{{"name", nullptr}}, Json{{"name", 7}},
        Json{{"name", "Ann"}}, Json{{"name", Json::array()}}, Json{{"name", kNothing}},
        Json{{"name", {{"action", "maybe"}}}}, Json{{"name", {{"action", "accept"}}}},
        Json{{"name", {{"action", "accept"}, {"content", "Ann"}}}},
        Json{{"name", {{"action", "accept"}, {"content", kNothing}}}},
        Json{{"name", {{"action", "accept"}, {"content", {{"name", 7}}}}}}}) {
    CAPTURE(responses.dump());
    const Json asked = rounds.talk.Ask(Again("ask", rounds.Begin("ask"), responses));
    CHECK(At(asked, "/result/resultType") == "input_required");
    CHECK(At(asked, "/result/inputRequests").contains("name"));
    const Json answer = rounds.talk.Ask(
        Again("ask", At(asked, kState), {{"name", Filled("Ann")}, {"extra", 1}, {"more", Json::array()}}));
    CHECK(At(answer, kText) == "hello Ann");
  }
}

TEST_CASE("a person who declines or cancels is an answer") {
  Rounds rounds;
  for (const char* action : {"decline", "cancel"}) {
    const Json answer = rounds.talk.Ask(Again("ask", rounds.Begin("ask"), {{"name", {{"action", action}}}}));
    CHECK(At(answer, kText) == std::string("hello ") + action);
  }
}

TEST_CASE("answers that are no object refuse the call") {
  Rounds rounds;
  const Json state = rounds.Begin("ask");
  for (const Json& bad : {Json(nullptr), Json(7), Json("x"), Json(true), Json::array({Filled("Ann")})}) {
    CAPTURE(bad.dump());
    CHECK(At(rounds.talk.Ask(Again("ask", state, bad)), kCode) == -32602);
    CHECK(At(rounds.talk.Ask(Call("ask", {{"inputResponses", bad}})), kCode) == -32602);
  }
}

TEST_CASE("a state that is no text, empty or made up refuses the call") {
  Rounds rounds;
  for (const Json& bad : {Json(nullptr), Json(7), Json(""), Json("v1."), Json("v2.AAAA"), Json("v1.AAAA"),
                          Json(std::string(70'000, 'A')), Json::object()}) {
    CHECK(At(rounds.talk.Ask(Again("ask", bad, {{"name", Filled("Ann")}})), kCode) == -32602);
  }
}

TEST_CASE("a state changed at any place refuses the call, and so does one with text appended or cut") {
  Rounds rounds;
  const std::string state = rounds.Begin("ask").get<std::string>();
  const auto refused = [&](const std::string& changed) {
    return At(rounds.talk.Ask(Again("ask", changed, {{"name", Filled("Ann")}})), kCode) == -32602;
  };
  for (std::size_t i = 0; i < state.size(); ++i) {
    std::string changed = state;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK(refused(changed));
  }
  // The last character carries bits that decode to nothing: each of its other spellings is another text.
  for (const char last : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    if (last != state.back()) CHECK(refused(state.substr(0, state.size() - 1) + last));
  }
  for (const char* more : {"A", "AAAA", "=", "==", " ", "\n", ".", "%"}) CHECK(refused(state + more));
  for (std::size_t cut : {1u, 4u, 30u}) CHECK(refused(state.substr(0, state.size() - cut)));
  CHECK(refused(" " + state));
  CHECK(At(rounds.talk.Ask(Again("ask", state, {{"name", Filled("Ann")}})), kText) == "hello Ann");
}

TEST_CASE("a state opens for its own call alone: the same name, arguments and method") {
  Rounds rounds;
  const Json state = rounds.Begin("ask");
  const Json responses = {{"name", Filled("Ann")}};
  const Json other = Call("ask_inline", {{"requestState", state}, {"inputResponses", responses}});
  CHECK(At(rounds.talk.Ask(other), kCode) == -32602);
  const Json more =
      Call("ask", {{"requestState", state}, {"inputResponses", responses}, {"arguments", {{"x", 1}}}});
  CHECK(At(rounds.talk.Ask(more), kCode) == -32602);
  const Json prompt = {{"name", "asking"}, {"requestState", state}, {"inputResponses", responses}};
  CHECK(At(rounds.talk.Ask(Modern(1, "prompts/get", prompt, kCanAll)), kCode) == -32602);
  CHECK(At(rounds.talk.Ask(Again("ask", state, responses)), kText) == "hello Ann");
}

TEST_CASE("a state opens for its own key alone") {
  Rounds rounds;
  const Json state = rounds.Begin("ask");
  Talk other(rounds.served, "writer");
  CHECK(At(other.Ask(Again("ask", state, {{"name", Filled("Eve")}})), kCode) == -32602);
  Talk stranger(rounds.served, "nobody");
  CHECK(At(stranger.Ask(Again("ask", state, {{"name", Filled("Eve")}})), kCode) == 40101);
}

TEST_CASE("a state expires") {
  Rounds rounds([](ServerOptions& options) { options.state_lifetime = std::chrono::seconds(60); });
  const Json state = rounds.Begin("ask");
  rounds.served.clock.Advance(std::chrono::seconds(59));
  CHECK(At(rounds.talk.Ask(Again("ask", state, {{"name", Filled("Ann")}})), kText) == "hello Ann");
  rounds.served.clock.Advance(std::chrono::seconds(1));
  CHECK(At(rounds.talk.Ask(Again("ask", state, {{"name", Filled("Ann")}})), kCode) == -32602);
}

TEST_CASE("a state opens at another replica with the same keys, and after a key was put before its own") {
  const Secret kOld(std::string(32, 'o')), kNew(std::string(32, 'n')), kOther(std::string(32, 'x'));
  const auto with = [](std::vector<Secret> keys) {
    return [keys = std::move(keys)](ServerOptions& options) { options.state_keys = keys; };
  };
  Rounds rounds(with({kOld}));
  const Json state = rounds.Begin("ask");
  const auto opens_with = [&](std::vector<Secret> keys) {
    ServerOptions options{.gate = rounds.served.gate.get(), .registry = rounds.served.registry};
    options.state_keys = std::move(keys);
    options.clock = &rounds.served.clock;
    const auto replica = *Server::New(std::move(options));
    const auto heard = std::make_shared<Heard>();
    replica->Handle(DumpJson(Again("ask", state, {{"name", Filled("Ann")}})),
                    {.credentials = rounds.served.As("reader")}, heard);
    return At(*ParseJson(heard->Next()), kText) == "hello Ann";
  };
  CHECK(opens_with({kOld}));
  CHECK(opens_with({kNew, kOld}));
  CHECK_FALSE(opens_with({kNew}));
  CHECK_FALSE(opens_with({kOther, kNew}));
  CHECK_FALSE(opens_with({}));
}

TEST_CASE("a state key that is not 32 bytes is refused") {
  Rounds rounds;
  ServerOptions options{.gate = rounds.served.gate.get(), .registry = rounds.served.registry};
  options.state_keys = {Secret(std::string(31, 'k'))};
  CHECK(absl::IsInvalidArgument(Server::New(std::move(options)).status()));
}

TEST_CASE("a state of a tool with an effect opens once, and one of a reading tool again and again") {
  Rounds rounds;
  const Json order = rounds.Begin("order");
  CHECK(At(rounds.talk.Ask(Again("order", order, {{"name", Filled("Ann")}})), kText) == "hello Ann");
  CHECK(At(rounds.talk.Ask(Again("order", order, {{"name", Filled("Ann")}})), kCode) == -32602);
  const Json read = rounds.Begin("ask");
  for (int i = 0; i < 3; ++i) {
    CHECK(At(rounds.talk.Ask(Again("ask", read, {{"name", Filled("Ann")}})), kText) == "hello Ann");
  }
}

TEST_CASE("a round that only asks takes nothing from the limits of an effect") {
  Rounds rounds;
  for (int i = 0; i < 20; ++i) rounds.Begin("order");  // five posts an hour
  const Json state = rounds.Begin("order");
  CHECK(At(rounds.talk.Ask(Again("order", state, {{"name", Filled("Ann")}})), kText) == "hello Ann");
}

TEST_CASE("an answer that a limit kept out can be sent again when the limit allows it") {
  const LimitPolicy once{
      .name = "once", .applies_to = "posting", .limit = 1, .window = std::chrono::minutes(1)};
  Served served(Serving{.registry = Everything(), .limits = {once}});
  Talk talk(served);
  const Json first = At(talk.Ask(Call("order")), kState), second = At(talk.Ask(Call("order")), kState);
  CHECK(At(talk.Ask(Again("order", first, {{"name", Filled("Ann")}})), kText) == "hello Ann");
  CHECK(At(talk.Ask(Again("order", second, {{"name", Filled("Bob")}})), kCode) == 42901);
  served.clock.Advance(std::chrono::seconds(61));
  CHECK(At(talk.Ask(Again("order", second, {{"name", Filled("Bob")}})), kText) == "hello Bob");
  CHECK(At(talk.Ask(Again("order", first, {{"name", Filled("Ann")}})), kCode) != Json());
}

TEST_CASE("a capability that the client did not declare is named, and the call fails") {
  Rounds rounds;
  struct Way {
    std::string way;
    Json capabilities, required;
  };
  const Json kNone = Json::object();
  for (const Way& way :
       {Way{"form", kNone, {{"elicitation", kNone}}},
        Way{"form", {{"elicitation", {{"url", kNone}}}}, {{"elicitation", kNone}}},
        Way{"url", {{"elicitation", kNone}}, {{"elicitation", {{"url", kNone}}}}},
        Way{"url", {{"elicitation", {{"form", kNone}}}}, {{"elicitation", {{"url", kNone}}}}},
        Way{"sample", {{"roots", kNone}}, {{"sampling", kNone}}},
        Way{"roots", {{"sampling", kNone}}, {{"roots", kNone}}}}) {
    CAPTURE(way.way);
    CAPTURE(way.capabilities.dump());
    const Json answer =
        rounds.talk.Ask(Call("ask_way", {{"arguments", {{"way", way.way}}}}, way.capabilities));
    CHECK(At(answer, kCode) == -32021);
    CHECK(At(answer, "/error/data/requiredCapabilities") == way.required);
  }
}

TEST_CASE("what the client can do is what it says with each request, never what it said before") {
  Rounds rounds;
  rounds.talk.Open("2025-11-25", kCanAll);  // the connection's 2025 side does not count either
  CHECK(At(rounds.talk.Ask(Call("ask")), "/result/resultType") == "input_required");
  CHECK(At(rounds.talk.Ask(Call("ask", Json::object(), Json::object())), kCode) == -32021);
  CHECK(At(rounds.talk.Ask(Call("ask")), "/result/resultType") == "input_required");
}

TEST_CASE("every kind of question that was declared can be asked and answered") {
  Rounds rounds;
  struct Way {
    std::string way, method;
    Json answer;
  };
  for (const Way& way : {Way{"form", "elicitation/create", Filled("x")},
                         Way{"url", "elicitation/create", {{"action", "accept"}}},
                         Way{"sample",
                             "sampling/createMessage",
                             {{"role", "assistant"}, {"content", TextContent("hm")}, {"model", "m"}}},
                         Way{"roots", "roots/list", {{"roots", Json::array()}}}}) {
    CAPTURE(way.way);
    const Json asked = rounds.talk.Ask(Call("ask_way", {{"arguments", {{"way", way.way}}}}));
    CHECK(At(asked, "/result/inputRequests/q/method") == way.method);
    const Json answer = rounds.talk.Ask(Call("ask_way", {{"arguments", {{"way", way.way}}},
                                                         {"requestState", At(asked, kState)},
                                                         {"inputResponses", {{"q", way.answer}}}}));
    CHECK(At(answer, kText) == "answered " + way.way);
  }
}

TEST_CASE("a tool that runs inline can ask a client of the 2026 era") {
  Rounds rounds;
  const Json state = rounds.Begin("ask_inline");
  CHECK(At(rounds.talk.Ask(Again("ask_inline", state, {{"name", Filled("Ann")}})), kText) == "hello Ann");
}

TEST_CASE("answers and states mean nothing in the 2025 era") {
  Rounds rounds;
  const Json state = rounds.Begin("ask");
  const Json answer = rounds.talk.Ask(
      Legacy(1, "tools/call",
             {{"name", "ask"}, {"requestState", state}, {"inputResponses", {{"name", Filled("Ann")}}}}));
  CHECK(At(answer, "/result/isError") == true);
  CHECK_FALSE(At(answer, "/result").contains("resultType"));
}

TEST_CASE("a round that asks is no failure in the audit trail") {
  Rounds rounds;
  rounds.Begin("order");
  REQUIRE(rounds.served.server->Drain(*rounds.talk.session, std::chrono::seconds(10)));
  const auto trail = rounds.served.Trail();
  REQUIRE(!trail.empty());
  CHECK(trail.back().outcome == AuditOutcome::kOk);
}

}  // namespace
}  // namespace mcpgate
