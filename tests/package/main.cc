// A stranger's program: one call to the core and one to each component it asked for.
#include <mcpgate/secret.h>
#include <mcpgate/version.h>

#include <cstdio>
#ifdef HAS_SQLITE
#include <mcpgate/sqlite.h>
#endif
#ifdef HAS_DISCORD
#include <mcpgate/discord.h>
#endif

int main() {
  std::printf("built against mcpgate %s\n", mcpgate::kVersion);
#ifdef HAS_SQLITE
  if (mcpgate::SqliteVersion().empty()) return 1;
#endif
#ifdef HAS_DISCORD
  if (mcpgate::Discord::New({}).ok()) return 1;  // an empty token is refused
#endif
  return mcpgate::Secret("x") == mcpgate::Secret("x") ? 0 : 1;
}
