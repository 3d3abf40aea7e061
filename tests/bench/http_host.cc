// What the HTTP benchmark measures of this library, on its own listener.
//   http_host fixed LOOPS              a fixed body for every request
//   http_host gate LOOPS DATA_DIR      the echo tool behind the whole gate: keys, roles, four limits, audit
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/echo_tool.h"
#include "bench/fixed_answer.h"
#include "bench/limits.h"
#include "bench/measure.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/sqlite.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::bench {
namespace {

constexpr int kKeys = 64;

class FixedAnswer final : public HttpHandler {
 public:
  void Handle(const HttpRequest&, std::shared_ptr<HttpExchange> exchange) override {
    exchange->Respond({.headers = {{"Content-Type", "application/json"}}, .body = std::string(kFixedAnswer)});
  }
};

sigset_t Endings() {
  sigset_t endings;
  sigemptyset(&endings);
  sigaddset(&endings, SIGTERM);
  return endings;
}

// Serves until the process is told to end.
void Serve(std::shared_ptr<HttpHandler> handler, std::size_t loops, Json ready) {
  const auto listener = Must(HttpListener::Start({.threads = loops}, std::move(handler)));
  ready["port"] = listener->port();
  std::printf("%s\n", DumpJson(ready).c_str());
  std::fflush(stdout);
  const sigset_t endings = Endings();
  int ending = 0;
  sigwait(&endings, &ending);
}

void ServeGate(const std::string& directory, std::size_t loops) {
  auto storage = Must(SqliteStorage::Open({.directory = directory}));
  std::shared_ptr<Keyring> keyring =
      Must(Keyring::New({.store = storage->keys(), .root_key = storage->root_key()}));
  Json keys = Json::array();
  for (int i = 0; i < kKeys; ++i) {
    const IssuedKey issued = Must(keyring->admin().Issue(
        TenantScope::Operator(), {.name = "bench", .grants = {.role = Role::kReader}}));
    keys.push_back(std::string(RevealSecret(issued.token)));
  }
  auto gate = Must(Gate::New({.keyring = keyring,
                              .audit = storage->audit(),
                              .limiter = NewTieredRateLimiter(NewLocalRateLimiter(), storage->limiter()),
                              .limits = FourLimits()}));
  auto registry = std::make_shared<Registry>();
  Must(registry->Add(EchoTool()));
  auto server = Must(Server::New({.gate = gate.get(), .registry = registry}));
  Serve(Must(NewStreamableHttp({.server = server.get(), .gate = gate.get()})), loops,
        {{"keys", std::move(keys)}});
}

}  // namespace
}  // namespace mcpgate::bench

int main(int argc, char** argv) {
  using namespace mcpgate::bench;
  const sigset_t endings = Endings();
  sigprocmask(SIG_BLOCK, &endings, nullptr);  // before there are threads, which inherit it
  const std::string_view what = argc > 2 ? argv[1] : "";
  const std::size_t loops = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (what == "fixed" && argc == 3) {
    Serve(std::make_shared<FixedAnswer>(), loops, mcpgate::Json::object());
  } else if (what == "gate" && argc == 4) {
    ServeGate(argv[3], loops);
  } else {
    Fail("usage: http_host fixed LOOPS | gate LOOPS DATA_DIR");
  }
  return 0;
}
