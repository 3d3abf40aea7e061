#include "mcpgate/middleware.h"

#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "support/talk.h"

namespace mcpgate {
namespace {

using testing::At;
using testing::Cancelled;
using testing::Legacy;
using testing::Modern;
using testing::Served;
using testing::Serving;
using testing::Talk;

constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Writes down what passes, and refuses one method if told to.
class Diary final : public Middleware {
 public:
  explicit Diary(std::string name, std::string refuses = "")
      : name_(std::move(name)), refuses_(std::move(refuses)) {}

  std::optional<Refusal> Before(const RequestView& request) override {
    Note("> " + std::string(request.method) + " " + std::string(request.name));
    if (request.method != refuses_) return std::nullopt;
    return Refusal{.code = Refusal::kForbidden, .message = name_ + " says no"};
  }
  void After(const AnsweredRequest& request, ServerAnswer& answer) override {
    const char* how = answer.message.empty() ? "nothing" : answer.error_code != 0 ? "error" : "result";
    Note("< " + request.method + " " + request.name + " " + how);
    trace = request.trace_parent;
    revision = request.revision;
  }

  std::vector<std::string> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }
  std::string trace, revision;

 private:
  void Note(std::string line) {
    MutexLock lock(mutex_);
    lines_.push_back(name_ + line);
  }

  const std::string name_, refuses_;
  mutable Mutex mutex_;
  std::vector<std::string> lines_ MCPGATE_GUARDED_BY(mutex_);
};

Serving With(std::vector<std::shared_ptr<Middleware>> layers) {
  return {.registry = testing::PlainTools(),
          .tune = [layers](ServerOptions& options) { options.middleware = layers; }};
}

Json Echo(Json id, Json meta = Json::object()) {
  return Modern(std::move(id), "tools/call",
                {{"name", "echo"}, {"arguments", {{"text", "hi"}}}, {"_meta", std::move(meta)}});
}

TEST_CASE("each layer sees a request on its way in and its answer on the way out") {
  const auto outer = std::make_shared<Diary>("outer"), inner = std::make_shared<Diary>("inner");
  Served served(With({outer, inner}));
  Talk talk(served);
  CHECK(talk.Ask(Echo(1, {{"traceparent", kParent}})).contains("result"));
  CHECK(outer->lines() ==
        std::vector<std::string>{"outer> tools/call echo", "outer< tools/call echo result"});
  CHECK(inner->lines() ==
        std::vector<std::string>{"inner> tools/call echo", "inner< tools/call echo result"});
  CHECK(outer->trace == kParent);
  CHECK(outer->revision == "2026-07-28");
}

TEST_CASE("every kind of request passes: handshake, list, call on the pool, error; none that is not served") {
  const auto diary = std::make_shared<Diary>("");
  Served served(With({diary}));
  Talk talk(served);
  talk.Open();
  talk.Ask(Legacy(1, "tools/list"));
  talk.Ask(Legacy(2, "tools/call", {{"name", "nothing-of-that-name"}}));
  talk.Ask(Legacy(3, "no/such/method"));
  CHECK(diary->lines() == std::vector<std::string>{"> initialize ", "< initialize  result", "> tools/list ",
                                                   "< tools/list  result",
                                                   "> tools/call nothing-of-that-name",
                                                   "< tools/call nothing-of-that-name error"});
}

TEST_CASE("a refusal is the answer, and only the layers outside it hear of it") {
  const auto outer = std::make_shared<Diary>("outer"),
             middle = std::make_shared<Diary>("middle", "tools/call"),
             inner = std::make_shared<Diary>("inner");
  Served served(With({outer, middle, inner}));
  Talk talk(served);
  const Json answer = talk.Ask(Echo("a"));
  CHECK(answer["id"] == "a");
  CHECK(At(answer, "/error/code") == Refusal::kForbidden);
  CHECK(At(answer, "/error/message") == "middle says no");
  CHECK(outer->lines().back() == "outer< tools/call echo error");
  CHECK(middle->lines() == std::vector<std::string>{"middle> tools/call echo"});
  CHECK(inner->lines().empty());
  CHECK(served.Trail().empty());  // before the gate
}

class Rewriter final : public Middleware {
 public:
  void After(const AnsweredRequest&, ServerAnswer& answer) override {
    answer.message = R"({"jsonrpc":"2.0","id":1,"result":{}})";
  }
};

TEST_CASE("an answer can be changed") {
  Served served(With({std::make_shared<Rewriter>()}));
  Talk talk(served);
  CHECK(talk.Ask(Echo(1)) == *ParseJson(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
}

TEST_CASE("a cancelled call comes out with nothing to say") {
  const auto diary = std::make_shared<Diary>("");
  Served served(With({diary}));
  Talk talk(served);
  talk.Send(Modern(1, "tools/call", {{"name", "wait"}, {"_meta", {{"progressToken", "t"}}}}));
  CHECK(At(talk.Hear(), "/method") == "notifications/progress");
  talk.Send(Cancelled(1));
  REQUIRE(served.server->Drain(*talk.session, std::chrono::seconds(10)));
  CHECK(diary->lines().back() == "< tools/call wait nothing");
}

TEST_CASE("the caller's trace reaches the handler and the trail; a malformed one does not") {
  Served served(With({}));
  std::string seen = "unset";
  Tool tool{.name = "traced", .role = Role::kReader, .run_on = RunOn::kInline};
  tool.handler = [&seen](const Json&, CallContext& context) -> absl::StatusOr<ToolResult> {
    seen = context.trace_parent();
    return ToolResult::Text("ok");
  };
  REQUIRE(served.registry->Add(tool).ok());
  Talk talk(served);
  const auto call = [&talk](Json meta) {
    talk.Ask(Modern(1, "tools/call", {{"name", "traced"}, {"_meta", std::move(meta)}}));
  };
  call({{"traceparent", kParent}});
  CHECK(seen == kParent);
  const auto traced = served.Trail().back().fields;
  CHECK(traced == decltype(traced){{"trace", "4bf92f3577b34da6a3ce929d0e0e4736"}});
  call({{"traceparent", "00-nonsense"}});
  CHECK(seen.empty());
  CHECK(served.Trail().back().fields.empty());
  call({{"traceparent", 7}});
  CHECK(seen.empty());
}

}  // namespace
}  // namespace mcpgate
