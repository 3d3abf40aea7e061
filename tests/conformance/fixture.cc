// A server for the official conformance suite, made of the public headers alone, as an outsider would make
// one. Prints {"url": ...} when it listens, and serves until SIGTERM or the end of standard input.
#include "fixture.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "mcpgate/gate.h"
#include "mcpgate/http.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/streamable_http.h"
#include "stop_request.h"
#include "with_key.h"

namespace mcpgate::conformance {
namespace {

/// Members are destroyed from the last to the first: the listener before what it serves.
struct Fixture {
  std::shared_ptr<Keyring> keyring{};
  std::unique_ptr<Gate> gate{};
  std::shared_ptr<Registry> registry{};
  /// For tools that publish; they exist before the server does, and no call comes before it listens.
  std::shared_ptr<std::atomic<Server*>> publisher = std::make_shared<std::atomic<Server*>>(nullptr);
  std::unique_ptr<Server> server{};
  std::unique_ptr<HttpListener> listener{};
};

absl::Status MakeGate(Fixture& fixture) {
  auto keyring = Keyring::New({.store = NewMemoryKeyStore(), .root_key = RandomSecret()});
  if (!keyring.ok()) return keyring.status();
  fixture.keyring = *std::move(keyring);
  // The suite makes some hundreds of calls; none of them is to be refused, and all are to be counted.
  const LimitPolicy calls{.name = "calls", .limit = 50'000, .window = std::chrono::minutes(1)};
  auto gate = Gate::New({.keyring = fixture.keyring,
                         .audit = NewMemoryAuditSink(),
                         .limiter = NewLocalRateLimiter(),
                         .limits = {calls}});
  if (!gate.ok()) return gate.status();
  fixture.gate = *std::move(gate);
  return absl::OkStatus();
}

absl::Status FillRegistry(Fixture& fixture) {
  fixture.registry = std::make_shared<Registry>();
  absl::Status filled = AddTools(*fixture.registry);
  filled.Update(AddQuestions(*fixture.registry));
  filled.Update(AddTasks(*fixture.registry));
  filled.Update(AddTriggers(*fixture.registry, [publisher = fixture.publisher](ServerEvent::Kind kind) {
    publisher->load()->Publish({.kind = kind});
  }));
  filled.Update(AddPrompts(*fixture.registry));
  filled.Update(AddResources(*fixture.registry));
  return filled;
}

absl::Status MakeServer(Fixture& fixture) {
  auto server = Server::New({.gate = fixture.gate.get(),
                             .registry = fixture.registry,
                             .executor = NewThreadPool({.threads = 32}),
                             .info = {.name = "mcpgate-conformance-fixture"},
                             .max_running_tasks = 24});
  if (!server.ok()) return server.status();
  fixture.server = *std::move(server);
  *fixture.publisher = fixture.server.get();
  return absl::OkStatus();
}

absl::Status Listen(Fixture& fixture) {
  const KeyRequest request{.name = "conformance suite", .grants = {.role = Role::kReader}};
  const absl::StatusOr<IssuedKey> key = fixture.keyring->admin().Issue(TenantScope::Operator(), request);
  if (!key.ok()) return key.status();
  // A call that takes long becomes a stream soon, whose client has to come back for the answer.
  auto handler = NewStreamableHttp({.server = fixture.server.get(),
                                    .gate = fixture.gate.get(),
                                    .keep_alive = std::chrono::milliseconds(200),
                                    .disconnect_after = std::chrono::milliseconds(700),
                                    .retry = std::chrono::milliseconds(50)});
  if (!handler.ok()) return handler.status();
  auto listener = HttpListener::Start({.threads = 2}, NewHandlerWithKey(*std::move(handler), key->token));
  if (!listener.ok()) return listener.status();
  fixture.listener = *std::move(listener);
  return absl::OkStatus();
}

absl::Status Start(Fixture& fixture) {
  for (const auto step : {MakeGate, FillRegistry, MakeServer, Listen}) {
    if (absl::Status done = step(fixture); !done.ok()) return done;
  }
  return absl::OkStatus();
}

void Stop(Fixture& fixture) {
  fixture.server->EndStreams();
  fixture.listener->Drain(std::chrono::seconds(2));
}

int Main() {
  CatchStopSignals();
  Fixture fixture;
  if (const absl::Status started = Start(fixture); !started.ok()) {
    std::fprintf(stderr, "conformance_fixture: %s\n", started.ToString().c_str());
    return 1;
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(fixture.listener->port()) + "/mcp";
  std::printf("%s\n", DumpJson({{"url", url}}).c_str());
  std::fflush(stdout);
  WaitForStop();
  Stop(fixture);
  return 0;
}

}  // namespace
}  // namespace mcpgate::conformance

int main() { return mcpgate::conformance::Main(); }
