#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

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
  explicit Tasks(std::size_t running = 4) {
    auto registry = std::make_shared<Registry>();
    REQUIRE(registry->Add(Pooled("until_stopped", UntilStopped)).ok());
    REQUIRE(registry->Add(Pooled("ask_inside", AskInside)).ok());
    REQUIRE(registry->Add(Pooled("optional", Optional)).ok());
    REQUIRE(registry->Add(Pooled("broken", Broken)).ok());
    auto made = Server::New({.gate = served.gate.get(),
                             .registry = registry,
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

}  // namespace
}  // namespace mcpgate
