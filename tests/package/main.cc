// A stranger's program: one admission by the core, and one call to each component it asked for.
#include <mcpgate/gate.h>
#include <mcpgate/key_admin.h>
#include <mcpgate/version.h>

#include <cstdio>
#include <memory>
#ifdef HAS_SQLITE
#include <mcpgate/sqlite.h>
#endif
#ifdef HAS_DISCORD
#include <mcpgate/discord.h>
#endif
#ifdef HAS_HTTP
#include <mcpgate/admin.h>
#include <mcpgate/http.h>
#endif

int main() {
  std::printf("built against mcpgate %s\n", mcpgate::kVersion);
#ifdef HAS_SQLITE
  if (mcpgate::SqliteVersion().empty()) return 1;
#endif
#ifdef HAS_DISCORD
  if (mcpgate::Discord::New({}).ok()) return 1;  // an empty token is refused
#endif
#ifdef HAS_HTTP
  if (mcpgate::HttpListener::Start({}, nullptr).ok()) return 1;  // without a handler it is refused
  if (mcpgate::AdminOpenApi().empty()) return 1;
#endif
  std::shared_ptr<mcpgate::Keyring> keyring =
      *mcpgate::Keyring::New({.store = mcpgate::NewMemoryKeyStore(), .root_key = mcpgate::RandomSecret()});
  auto gate = mcpgate::Gate::New({.keyring = keyring, .audit = mcpgate::NewMemoryAuditSink(), .limits = {}});
  auto key = keyring->admin().Issue(mcpgate::TenantScope::Operator(), {.name = "stranger"});
  const mcpgate::Action action{.name = "look", .role = mcpgate::Role::kReader, .effect = false};
  const bool admitted = (*gate)->Admit({.api_key = key->token}, action).ok();
  const bool refused = !(*gate)->Admit({.api_key = mcpgate::Secret("no key")}, action).ok();
  return admitted && refused ? 0 : 1;
}
