// File: cli/doctor_files.h
//
// The data directory as files: who can read them, what is missing, what was left behind.
#pragma once

#include <string>
#include <vector>

#include "cli/findings.h"

namespace mcpgate::hosts {

/// That it is there, a directory, its user's own and closed to others. A failure means nothing else can be
/// looked at.
Finding CheckDirectory(const std::string& directory);
/// That no file in it can be read by others, keys below it included.
Finding CheckFileModes(const std::string& directory);
Finding CheckRootKey(const std::string& directory);
/// That its file system is on this machine, where locks and mapped words hold.
Finding CheckFileSystem(const std::string& directory);
Finding CheckFreeDisk(const std::string& directory);
/// Locks that somebody holds for long, and what processes that died left behind.
Finding CheckLocks(const std::string& directory);

}  // namespace mcpgate::hosts
