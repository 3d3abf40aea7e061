#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "support/served.h"

namespace mcpgate {
namespace {

using testing::Heard;
using testing::Served;

constexpr char kKnowsTasks[] = R"({"extensions":{"io.modelcontextprotocol/tasks":{}},"elicitation":{}})";

Json Form() { return {{"type", "object"}, {"properties", {{"ok", {{"type", "boolean"}}}}}}; }

Tool Pooled(std::string name, ToolHandler handler) {
  Tool tool;
  tool.name = std::move(name);
  tool.role = Role::kReader;
  tool.annotations = {.read_only = true, .destructive = false};
  tool.handler = std::move(handler);
  return tool;
}

absl::StatusOr<ToolResult> UntilStopped(const Json&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask({.ttl = std::chrono::minutes(10)}); !no.ok()) return no;
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, context.stop_token(), [] { return false; });
  return absl::CancelledError("stopped");
}

absl::StatusOr<ToolResult> AskInside(const Json&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  const InputRequest questions[] = {InputRequest::Form("one", "One?", Form()),
                                    InputRequest::Form("two", "Two?", Form())};
  const auto answers = context.AskAll(questions);
  if (!answers.ok()) return answers.status();
  return ToolResult::Text(DumpJson(*answers));
}

absl::StatusOr<ToolResult> Optional(const Json&, CallContext& context) {
  const bool task = context.ContinueAsTask().ok();
  return ToolResult::Text(task ? "as a task" : "at once");
}

absl::StatusOr<ToolResult> Broken(const Json&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  return absl::InternalError("secret detail");
}

// A server with tools that go on as tasks, and clients of the 2026 era.
struct Tasks {
  explicit Tasks(std::size_t running = 4, std::shared_ptr<TaskStore> store = nullptr) {
    auto registry = std::make_shared<Registry>();
    REQUIRE(registry->Add(Pooled("until_stopped", UntilStopped)).ok());
    REQUIRE(registry->Add(Pooled("ask_inside", AskInside)).ok());
    REQUIRE(registry->Add(Pooled("optional", Optional)).ok());
    REQUIRE(registry->Add(Pooled("broken", Broken)).ok());
    auto made = Server::New({.gate = served.gate.get(),
                             .registry = registry,
                             .tasks = store,
                             .max_running_tasks = running,
                             .clock = &served.clock});
    REQUIRE(made.ok());
    server = *std::move(made);
  }

  Json Ask(const std::string& method, Json params, const Credentials& as,
           const char* capabilities = kKnowsTasks) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities", *ParseJson(capabilities)}};
    const auto heard = std::make_shared<Heard>();
    server->Handle(
        DumpJson({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}}),
        {.credentials = as}, heard);
    return ParseJson(heard->Next()).value_or(nullptr);
  }
  Json Call(const std::string& tool) { return Ask("tools/call", {{"name", tool}}, reader)["result"]; }
  Json Get(const std::string& id) { return Ask("tasks/get", {{"taskId", id}}, reader)["result"]; }
  // What tasks/get says once the task is in one of these states.
  Json Await(const std::string& id, std::string_view status) {
    for (int i = 0; i < 10'000'000; ++i) {
      Json told = Get(id);
      if (StringOr(told, "status", "") == status) return told;
      std::this_thread::yield();
    }
    return Get(id);
  }

  Served served;
  std::unique_ptr<Server> server;
  Credentials reader = served.As("reader");
};

TEST_CASE("a task is told by its id, can be asked about at once, and is cancelled by wish") {
  Tasks tasks;
  const Json created = tasks.Call("until_stopped");
  CHECK(created["resultType"] == "task");
  CHECK(created["status"] == "working");
  CHECK(created["ttlMs"] == 600'000);
  const std::string id = StringOr(created, "taskId", "");
  CHECK(id.size() >= 32);
  const Json told = tasks.Get(id);
  CHECK(told["resultType"] == "complete");
  CHECK(told["status"] == "working");
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader)["result"]["resultType"] == "complete");
  CHECK(tasks.Await(id, "cancelled")["status"] == "cancelled");
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader).contains("result"));
}

TEST_CASE("a task's questions are answered one by one, and its result is the tool's") {
  Tasks tasks;
  const std::string id = StringOr(tasks.Call("ask_inside"), "taskId", "");
  const Json open = tasks.Await(id, "input_required");
  CHECK(open["inputRequests"].size() == 2);
  const Json yes = {{"action", "accept"}, {"content", {{"ok", true}}}};
  const auto answer = [&](const char* key, const Json& value) {
    return tasks.Ask("tasks/update", {{"taskId", id}, {"inputResponses", {{key, value}}}}, tasks.reader);
  };
  CHECK(answer("nobody", yes).contains("result"));
  CHECK(answer("one", {{"action", "accept"}, {"content", {{"ok", "no boolean"}}}}).contains("result"));
  CHECK(tasks.Get(id)["inputRequests"].size() == 2);
  CHECK(answer("one", yes).contains("result"));
  CHECK(tasks.Get(id)["inputRequests"].size() == 1);
  CHECK(answer("two", {{"action", "decline"}}).contains("result"));
  const Json done = tasks.Await(id, "completed");
  CHECK(StringOr(done["result"]["content"][0], "text", "").find("decline") != std::string::npos);
}

TEST_CASE("a fault of the handler fails its task and keeps its text inside") {
  Tasks tasks;
  const std::string id = StringOr(tasks.Call("broken"), "taskId", "");
  const Json failed = tasks.Await(id, "failed");
  CHECK(failed["error"]["code"] == -32603);
  CHECK(DumpJson(failed).find("secret detail") == std::string::npos);
}

TEST_CASE("a client that does not know tasks gets its answer at once, or hears what it lacks") {
  Tasks tasks;
  const Json at_once = tasks.Ask("tools/call", {{"name", "optional"}}, tasks.reader, "{}");
  CHECK(at_once["result"]["content"][0]["text"] == "at once");
  const Json lacking = tasks.Ask("tools/call", {{"name", "broken"}}, tasks.reader, "{}");
  CHECK(lacking["error"]["code"] == -32021);
  CHECK(lacking["error"]["data"]["requiredCapabilities"]["extensions"].contains(
      "io.modelcontextprotocol/tasks"));
  CHECK(tasks.Ask("tasks/get", {{"taskId", "x"}}, tasks.reader, "{}")["error"]["code"] == -32021);
}

TEST_CASE("a task is there for the key that began it alone, and until its time is up") {
  Tasks tasks;
  const std::string id = StringOr(tasks.Call("until_stopped"), "taskId", "");
  const Credentials other = tasks.served.As("writer");
  CHECK(tasks.Ask("tasks/get", {{"taskId", id}}, other)["error"]["code"] == -32602);
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, other)["error"]["code"] == -32602);
  CHECK(tasks.Get(id)["status"] == "working");
  tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader);
  tasks.Await(id, "cancelled");
  tasks.served.clock.Advance(std::chrono::minutes(11));
  CHECK(tasks.Ask("tasks/get", {{"taskId", id}}, tasks.reader)["error"]["code"] == -32602);
}

TEST_CASE("when too many tasks run, a tool that need not be one goes on at once") {
  Tasks tasks(/*running=*/1);
  const std::string id = StringOr(tasks.Call("until_stopped"), "taskId", "");
  CHECK(tasks.Call("optional")["content"][0]["text"] == "at once");
  tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader);
  tasks.Await(id, "cancelled");
  CHECK(tasks.Call("optional")["resultType"] == "task");
}

TEST_CASE("whoever listens for a task of its own hears each change, others nothing") {
  Tasks tasks;
  const std::string id = StringOr(tasks.Call("ask_inside"), "taskId", "");
  tasks.Await(id, "input_required");
  const Json meta = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                     {"io.modelcontextprotocol/clientCapabilities", *ParseJson(kKnowsTasks)}};
  const auto listen = [&](const Credentials& as) {
    auto heard = std::make_shared<Heard>();
    const Json params = {{"_meta", meta}, {"notifications", {{"taskIds", {id, "unknown"}}}}};
    tasks.server->Handle(
        DumpJson({{"jsonrpc", "2.0"}, {"id", "l"}, {"method", "subscriptions/listen"}, {"params", params}}),
        {.credentials = as}, heard);
    return heard;
  };
  const auto mine = listen(tasks.reader), other = listen(tasks.served.As("writer"));
  CHECK((*ParseJson(mine->Next()))["params"]["notifications"]["taskIds"] == Json::array({id}));
  CHECK_FALSE((*ParseJson(other->Next()))["params"]["notifications"].contains("taskIds"));
  tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader);
  tasks.Await(id, "cancelled");
  const Json told = *ParseJson(mine->Next());
  CHECK(told["method"] == "notifications/tasks");
  CHECK(told["params"]["status"] == "cancelled");
  CHECK(other->empty());
}

// A store that outlives its servers, and can fail or have lost their processes.
class OddStore final : public TaskStore {
 public:
  absl::Status Insert(const StoredTask& task) override {
    return fails_ ? absl::UnavailableError("the store is away") : kept_->Insert(task);
  }
  absl::Status Finish(std::string_view id, std::string told) override {
    return fails_ ? absl::UnavailableError("the store is away") : kept_->Finish(id, std::move(told));
  }
  absl::Status Update(std::string_view id, std::string told) override {
    return fails_ ? absl::UnavailableError("the store is away") : kept_->Update(id, std::move(told));
  }
  absl::Status Leave(TaskWish wish, std::string_view owner) override {
    return fails_ ? absl::UnavailableError("the store is away") : kept_->Leave(std::move(wish), owner);
  }
  absl::StatusOr<std::vector<TaskWish>> TakeWishes(std::span<const std::string> ids) override {
    if (fails_) return absl::UnavailableError("the store is away");
    return kept_->TakeWishes(ids);
  }
  absl::StatusOr<std::size_t> Sweep(std::size_t most, bool dry_run) override {
    return kept_->Sweep(most, dry_run);
  }
  absl::StatusOr<std::optional<StoredTask>> Find(std::string_view id, std::string_view owner) override {
    if (fails_) return absl::UnavailableError("the store is away");
    auto found = kept_->Find(id, owner);
    if (found.ok() && found->has_value()) (*found)->is_alone = alone_ && !(*found)->is_over;
    return found;
  }
  void Fail(bool fails) { fails_ = fails; }
  void Die() { alone_ = true; }

 private:
  const std::unique_ptr<TaskStore> kept_ = NewMemoryTaskStore({}, kClock);
  static inline const testing::FakeClock kClock;
  std::atomic<bool> fails_{false}, alone_{false};
};

// Another server for the same keys, as after a restart.
std::unique_ptr<Server> ServerBeside(Tasks& tasks, std::shared_ptr<TaskStore> store) {
  auto made = Server::New({.gate = tasks.served.gate.get(),
                           .registry = std::make_shared<Registry>(),
                           .tasks = std::move(store),
                           .clock = &tasks.served.clock});
  REQUIRE(made.ok());
  return *std::move(made);
}

TEST_CASE("what a task came to can be asked about after a restart, by its owner") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  const std::string id = StringOr(tasks.Call("optional"), "taskId", "");
  const Json before = tasks.Await(id, "completed");
  tasks.server = ServerBeside(tasks, store);
  CHECK(tasks.Get(id) == before);
  CHECK(before["result"]["content"][0]["text"] == "as a task");
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader).contains("result"));
  CHECK(tasks.Ask("tasks/get", {{"taskId", id}}, tasks.served.As("writer"))["error"]["code"] == -32602);
}

TEST_CASE("a task that ran when the server stopped has failed, and its effect is unknown") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  const std::string id = StringOr(tasks.Call("ask_inside"), "taskId", "");
  tasks.Await(id, "input_required");
  const auto running = std::exchange(tasks.server, nullptr);
  tasks.server = ServerBeside(tasks, store);
  CHECK(tasks.Get(id)["inputRequests"].size() == 2);  // as another process knows it
  store->Die();
  const Json failed = tasks.Get(id);
  CHECK(failed["status"] == "failed");
  CHECK(failed["error"]["code"] == -32603);
  CHECK(StringOr(failed["error"], "message", "").find("restarted") != std::string::npos);
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader).contains("result"));
}

TEST_CASE("a task hears what its client wants of it in another process") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  const std::string stopped = StringOr(tasks.Call("until_stopped"), "taskId", "");
  const std::string asking = StringOr(tasks.Call("ask_inside"), "taskId", "");
  tasks.Await(asking, "input_required");
  const auto running = std::exchange(tasks.server, nullptr);
  tasks.server = ServerBeside(tasks, store);
  const Json yes = {{"action", "accept"}, {"content", {{"ok", true}}}};
  const Json answers = {{"taskId", asking}, {"inputResponses", {{"one", yes}, {"two", yes}}}};
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", stopped}}, tasks.served.As("writer"))["error"]["code"] ==
        -32602);
  CHECK(tasks.Ask("tasks/update", {{"taskId", asking}}, tasks.reader)["error"]["code"] == -32602);
  CHECK(tasks.Ask("tasks/update", answers, tasks.reader)["result"]["resultType"] == "complete");
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", stopped}}, tasks.reader)["result"]["resultType"] == "complete");
  CHECK(tasks.Await(asking, "completed")["status"] == "completed");
  CHECK(tasks.Await(stopped, "cancelled")["status"] == "cancelled");
}

TEST_CASE("what cannot be carried to another process is refused, and says why") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  const std::string id = StringOr(tasks.Call("ask_inside"), "taskId", "");
  tasks.Await(id, "input_required");
  const auto running = std::exchange(tasks.server, nullptr);
  tasks.server = ServerBeside(tasks, store);
  const Json long_answer = {{"taskId", id}, {"inputResponses", {{"one", std::string(2u << 20, 'x')}}}};
  CHECK(tasks.Ask("tasks/update", long_answer, tasks.reader)["error"]["code"] == 42902);
  store->Fail(true);
  CHECK(tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader)["error"]["code"] == 50302);
  store->Fail(false);
}

TEST_CASE("a server that stops in order leaves its tasks as cancelled") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  const std::string id = StringOr(tasks.Call("until_stopped"), "taskId", "");
  tasks.server = ServerBeside(tasks, store);  // the one before ends here
  store->Die();
  CHECK(tasks.Get(id)["status"] == "cancelled");
}

TEST_CASE("no task is promised that is not kept, and what cannot be stored at its end is still told") {
  const auto store = std::make_shared<OddStore>();
  Tasks tasks(4, store);
  store->Fail(true);
  CHECK(tasks.Call("optional")["content"][0]["text"] == "at once");
  CHECK(tasks.Call("until_stopped")["isError"] == true);
  CHECK(tasks.Ask("tasks/get", {{"taskId", "x"}}, tasks.reader)["error"]["code"] == 50302);
  store->Fail(false);
  const std::string id = StringOr(tasks.Call("until_stopped"), "taskId", "");
  store->Fail(true);
  tasks.Ask("tasks/cancel", {{"taskId", id}}, tasks.reader);
  CHECK(tasks.Await(id, "cancelled")["status"] == "cancelled");
}

}  // namespace
}  // namespace mcpgate
