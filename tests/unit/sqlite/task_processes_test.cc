// Two servers in two processes on one data directory, and a task that runs in one of them.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "fixture.h"
#include "mcpgate/gate.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/key_store.h"
#include "mcpgate/server.h"
#include "mcpgate/tool.h"
#include "support/served.h"

namespace mcpgate::testing {
namespace {

absl::StatusOr<ToolResult> UntilStopped(const Json&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, context.stop_token(), [] { return false; });
  return absl::CancelledError("stopped");
}

absl::StatusOr<ToolResult> AskInside(const Json&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  const Json schema = {{"type", "object"}, {"properties", {{"ok", {{"type", "boolean"}}}}}};
  const absl::StatusOr<Json> answer = context.Ask(InputRequest::Form("sure", "Sure?", schema));
  if (!answer.ok()) return answer.status();
  return ToolResult::Text(DumpJson(*answer));
}

Tool Reading(std::string name, ToolHandler handler) {
  Tool tool;
  tool.name = std::move(name);
  tool.role = Role::kReader;
  tool.annotations = {.read_only = true, .destructive = false};
  tool.handler = std::move(handler);
  return tool;
}

// One process of the two. What goes wrong while it is made ends the process.
struct Process {
  Process(const std::string& directory, const std::string& token) : credentials{Secret(token), "test"} {
    auto opened = SqliteStorage::Open({.directory = directory, .deadline = std::chrono::seconds(60)});
    if (!opened.ok()) _exit(100);
    storage = *std::move(opened);
    auto keyring = Keyring::New({.store = storage->keys(), .root_key = storage->root_key()});
    if (!keyring.ok()) _exit(101);
    auto made = Gate::New(
        {.keyring = *std::move(keyring), .audit = storage->audit(), .limiter = NewLocalRateLimiter()});
    if (!made.ok()) _exit(102);
    gate = *std::move(made);
    auto registry = std::make_shared<Registry>();
    const bool added = registry->Add(Reading("until_stopped", UntilStopped)).ok() &&
                       registry->Add(Reading("ask_inside", AskInside)).ok();
    auto served =
        Server::New({.gate = gate.get(), .registry = std::move(registry), .tasks = storage->tasks()});
    if (!added || !served.ok()) _exit(103);
    server = *std::move(served);
  }

  Json Ask(const std::string& method, Json params) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities",
                        {{"extensions", {{"io.modelcontextprotocol/tasks", Json::object()}}},
                         {"elicitation", Json::object()}}}};
    const auto heard = std::make_shared<Heard>();
    server->Handle(
        DumpJson({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}}),
        {.credentials = credentials}, heard);
    const Json answer = ParseJson(heard->Next()).value_or(Json::object());
    return answer.value("result", Json::object());
  }
  bool Await(const std::string& id, std::string_view status) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      if (StringOr(Ask("tasks/get", {{"taskId", id}}), "status", "") == status) return true;
      std::this_thread::yield();
    }
    return false;
  }

  std::unique_ptr<SqliteStorage> storage;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<Server> server;
  const Credentials credentials;
};

std::string MakeToken(const std::string& directory) {
  const auto storage = DataDirectory::Open({.directory = directory});
  auto keyring = Keyring::New({.store = storage->keys(), .root_key = storage->root_key()});
  REQUIRE(keyring.ok());
  auto issued = (*keyring)->admin().Issue(
      TenantScope::Operator(),
      {.name = "reader", .grants = {.role = Role::kReader}, .lifetime = std::chrono::hours(1)});
  REQUIRE(issued.ok());
  return std::string(RevealSecret(issued->token));
}

// A line through a pipe.
struct Pipe {
  Pipe() { REQUIRE(pipe(ends) == 0); }
  void Put(const std::string& line) const { (void)!write(ends[1], (line + "\n").c_str(), line.size() + 1); }
  std::string Take() const {
    std::string line;
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  int ends[2] = {-1, -1};
};

TEST_CASE("a task is cancelled and answered through another process, within a second") {
  DataDirectory directory;
  const std::string token = MakeToken(directory.path);
  const Pipe ids, done, took;
  const std::vector<int> ended = InProcesses(
      {[&] {
         Process runs(directory.path, token);
         for (const char* tool : {"until_stopped", "ask_inside"}) {
           ids.Put(StringOr(runs.Ask("tools/call", {{"name", tool}}), "taskId", ""));
         }
         done.Take();
         return 0;
       },
       [&] {
         const std::string stopped = ids.Take(), asks = ids.Take();
         Process asked(directory.path, token);
         int code = 0;
         if (!asked.Await(asks, "input_required")) code = 1;
         const auto began = std::chrono::steady_clock::now();
         asked.Ask("tasks/cancel", {{"taskId", stopped}});
         const Json yes = {{"action", "accept"}, {"content", {{"ok", true}}}};
         asked.Ask("tasks/update", {{"taskId", asks}, {"inputResponses", {{"sure", yes}}}});
         if (!asked.Await(stopped, "cancelled")) code = 2;
         if (!asked.Await(asks, "completed")) code = 3;
         took.Put(std::to_string((std::chrono::steady_clock::now() - began) / std::chrono::milliseconds(1)));
         done.Put("");
         return code;
       }});
  CHECK(ended == std::vector<int>{0, 0});
  const std::string millis = took.Take();
  MESSAGE("both were heard within ", millis, " ms");
  CHECK(std::stoi(millis) < 5'000);  // a second, and what a busy machine adds
}

}  // namespace
}  // namespace mcpgate::testing
