// Loaded into a program before it starts (LD_PRELOAD), this gives it the disk that forgets.
#include "crash/lossy_vfs.h"

namespace {
[[gnu::constructor]] void Register() { mcpgate::testing::RegisterLossyVfs(); }
}  // namespace
