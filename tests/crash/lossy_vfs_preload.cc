// Loaded into a program before it starts (LD_PRELOAD), this gives it the disk that forgets.
// MCPGATE_TORN_WRITES says how many sixteenths of what it would forget stay after all, in part.
#include <cstdlib>

#include "crash/lossy_vfs.h"

namespace {
[[gnu::constructor]] void Register() {
  mcpgate::testing::RegisterLossyVfs();
  const char* torn = std::getenv("MCPGATE_TORN_WRITES");
  if (torn != nullptr) mcpgate::testing::SetTornWrites(static_cast<unsigned>(std::atoi(torn)));
}
}  // namespace
