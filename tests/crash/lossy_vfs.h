// A disk that forgets: what SQLite wrote and did not sync is lost when the process dies.
#pragma once

#include <cstddef>

namespace mcpgate::testing {

/// Makes it SQLite's default, once. From then on every write stays in this process's memory, where all its
/// connections see it, until SQLite syncs the file; only then does it reach the file. So `kill -9` loses
/// exactly what was not synced; truncations are never lost. Files closed in good order keep everything, as on
/// a machine that stays up.
void RegisterLossyVfs();

/// Lets about so many sixteenths of what is written and not synced reach the file after all, whole or torn,
/// in no order, as a disk does when the power goes. At first none.
void SetTornWrites(unsigned sixteenths);

/// Writes, over all files of this process, that a kill would lose now.
std::size_t UnsyncedChanges();

}  // namespace mcpgate::testing
