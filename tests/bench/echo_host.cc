// The echo tool behind the whole gate: keys, limits and audit of a data directory, as mcpgate-stdio wires
// them.
//   echo_host DATA_DIR      the key comes from MCPGATE_API_KEY; without one it makes a key, prints it and
//   ends
#include <cstdio>
#include <cstdlib>

#include "bench/echo_tool.h"
#include "bench/measure.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/sqlite.h"
#include "mcpgate/stdio.h"

int main(int argc, char** argv) {
  using namespace mcpgate;
  using bench::Must;
  if (argc != 2) return std::fputs("usage: echo_host DATA_DIR\n", stderr), 2;
  auto storage = Must(SqliteStorage::Open({.directory = argv[1]}));
  std::shared_ptr<Keyring> keyring =
      Must(Keyring::New({.store = storage->keys(), .root_key = storage->root_key()}));
  const char* key = std::getenv("MCPGATE_API_KEY");
  if (key == nullptr) {
    const IssuedKey issued = Must(keyring->admin().Issue(
        TenantScope::Operator(), {.name = "bench", .grants = {.role = Role::kReader}}));
    return std::printf("%s\n", std::string(RevealSecret(issued.token)).c_str()), 0;
  }
  const StdioChannel channel = Must(TakeStandardStreams());
  // Limits are on and decide every call; they are only too high to refuse one.
  const LimitPolicy calls{.name = "calls",
                          .algorithm = LimitAlgorithm::kGcra,
                          .limit = 10'000'000,
                          .window = std::chrono::seconds(1)};
  auto gate = Must(Gate::New({.keyring = keyring,
                              .audit = storage->audit(),
                              .limiter = NewTieredRateLimiter(NewLocalRateLimiter(), storage->limiter()),
                              .limits = {PostingLimit(), calls}}));
  auto registry = std::make_shared<Registry>();
  if (!registry->Add(bench::EchoTool()).ok()) return 1;
  auto server = Must(Server::New({.gate = gate.get(), .registry = registry}));
  return ServeStdio(*server, {.channel = channel, .credentials = {.api_key = Secret(key), .source = "stdio"}})
                 .ok()
             ? 0
             : 1;
}
