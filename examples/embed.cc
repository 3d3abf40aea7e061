// mcpgate in a program of your own: one tool behind keys, limits and an audit trail, over stdio.
#include <cstdio>

#include "greet_tool.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/sqlite.h"
#include "mcpgate/stdio.h"

int main(int argc, char** argv) {
  auto streams = mcpgate::TakeStandardStreams();
  auto storage = mcpgate::SqliteStorage::Open({.directory = argc > 1 ? argv[1] : "data"});
  if (!streams.ok() || !storage.ok()) return std::fputs(storage.status().ToString().c_str(), stderr), 1;
  auto keyring = mcpgate::Keyring::New({.store = (*storage)->keys(), .root_key = (*storage)->root_key()});
  auto issued = (*keyring)->admin().Issue(mcpgate::TenantScope::Operator(),
                                          {.name = "embedded", .lifetime = std::chrono::hours(1)});
  auto gate = mcpgate::Gate::New(
      {.keyring = *std::move(keyring), .audit = (*storage)->audit(), .limiter = (*storage)->limiter()});
  mcpgate::Registry registry;
  if (auto added = registry.Add(GreetTool()); !added.ok())
    return std::fputs(added.ToString().c_str(), stderr), 1;
  auto server = mcpgate::Server::New(
      {.gate = gate->get(), .registry = std::make_shared<mcpgate::Registry>(std::move(registry))});
  return mcpgate::ServeStdio(**server, {.channel = *streams, .credentials = {.api_key = issued->token}}).ok()
             ? 0
             : 1;
}
