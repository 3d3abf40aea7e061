// A disk that forgets: what SQLite wrote and did not sync is lost when the process dies.
#pragma once

#include <cstddef>

namespace mcpgate::testing {

/// Makes it SQLite's default, once. From then on every write stays in this process's memory, where all its
/// connections see it, until SQLite syncs the file; only then does it reach the file. So `kill -9` loses
/// exactly what was not synced; truncations are never lost. Files closed in good order keep everything, as on
/// a machine that stays up.
void RegisterLossyVfs();

/// Writes, over all files of this process, that a kill would lose now.
std::size_t UnsyncedChanges();

}  // namespace mcpgate::testing
