#include "cli/doctor_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <thread>

#include "common/file_write.h"

namespace mcpgate::hosts {
namespace {

namespace fs = std::filesystem;

constexpr off_t kRootKeySize = 32;
constexpr std::uint64_t kMiB = 1u << 20;
// A trail that cannot be written stops every effect; a busy one takes some hundred MiB a day.
constexpr std::uint64_t kLittleSpace = 1024 * kMiB;
constexpr std::uint64_t kNoSpace = 64 * kMiB;
constexpr unsigned long kCifs = 0xFF534D42;  // fs/smb/client/cifsfs.h
constexpr unsigned long kCeph = 0x00C36400;  // include/uapi/linux/magic.h of newer kernels

// Files below the directory, at most so many: somebody may have pointed it at a whole home.
std::vector<fs::path> FilesBelow(const std::string& directory) {
  constexpr std::size_t kMost = 10'000;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; it != end && files.size() < kMost;
       it.increment(error)) {
    if (error) break;
    files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string First(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

// Whether the lock could be had within two seconds, which is how long a writer waits.
bool CanLock(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return true;  // nobody has written yet, or may; other checks tell
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// A mark is locked for as long as its process lives.
bool IsHeld(const fs::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  return file.get() < 0 || flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

const char* RemoteName(unsigned long magic) {
  switch (magic) {
    case NFS_SUPER_MAGIC:
      return "NFS";
    case SMB_SUPER_MAGIC:
    case kCifs:
      return "SMB";
    case AFS_SUPER_MAGIC:
      return "AFS";
    case CODA_SUPER_MAGIC:
      return "Coda";
    case V9FS_MAGIC:
      return "9p";
    case kCeph:
      return "Ceph";
    default:
      return nullptr;
  }
}

}  // namespace

Finding CheckDirectory(const std::string& directory) {
  constexpr char kCheck[] = "data_directory";
  struct stat facts {};
  if (stat(directory.c_str(), &facts) != 0) {
    return Failed(
        kCheck, fmt::format("{}: {}", directory, strerror(errno)),
        "name another one with --data DIR, or make a key, which makes it: mcpgate keys create --name NAME");
  }
  if (!S_ISDIR(facts.st_mode)) {
    return Failed(kCheck, fmt::format("{} is not a directory", directory),
                  "name the directory with --data DIR");
  }
  if (facts.st_uid != geteuid()) {
    return Failed(kCheck,
                  fmt::format("{} belongs to user {}, this runs as {}", directory, facts.st_uid, geteuid()),
                  fmt::format("run as its owner: sudo -u '#{}' mcpgate doctor", facts.st_uid));
  }
  if ((facts.st_mode & 077) != 0) {
    return Failed(kCheck,
                  fmt::format("{} can be reached by others (mode {:04o})", directory, facts.st_mode & 07777),
                  fmt::format("chmod 700 '{}'", directory));
  }
  return Ok(kCheck, directory);
}

Finding CheckFileModes(const std::string& directory) {
  constexpr char kCheck[] = "permissions";
  std::vector<std::string> open_to_others;
  const std::vector<fs::path> files = FilesBelow(directory);
  for (const fs::path& path : files) {
    struct stat facts {};
    if (lstat(path.c_str(), &facts) != 0 || S_ISLNK(facts.st_mode)) continue;
    if ((facts.st_mode & 077) != 0) open_to_others.push_back(path.lexically_relative(directory).string());
  }
  if (open_to_others.empty()) return Ok(kCheck, fmt::format("{} files, none open to others", files.size()));
  return Warning(kCheck, fmt::format("others could read {}", First(open_to_others)),
                 fmt::format("chmod -R go= '{}'", directory));
}

Finding CheckRootKey(const std::string& directory) {
  constexpr char kCheck[] = "root_key";
  const std::string path = directory + "/root.key";
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) {
    return Failed(
        kCheck, fmt::format("{}: {}", path, strerror(errno)),
        "restore it from a backup; keys and trail are worthless without it. A new directory gets one with "
        "its first key");
  }
  if (!S_ISREG(facts.st_mode) || facts.st_size != kRootKeySize) {
    return Failed(kCheck, fmt::format("{} is not a file of {} bytes", path, kRootKeySize),
                  "restore it from a backup");
  }
  if ((facts.st_mode & 077) != 0) {
    return Failed(kCheck, fmt::format("{} can be read by others (mode {:04o})", path, facts.st_mode & 07777),
                  fmt::format("chmod 600 '{}', and consider every key in the directory as known", path));
  }
  return Ok(kCheck, "32 bytes, for its owner alone");
}

Finding CheckFileSystem(const std::string& directory) {
  constexpr char kCheck[] = "file_system";
  struct statfs facts {};
  if (statfs(directory.c_str(), &facts) != 0) {
    return Failed(kCheck, fmt::format("{}: {}", directory, strerror(errno)), "");
  }
  const char* const remote = RemoteName(static_cast<unsigned long>(facts.f_type));
  if (remote == nullptr) return Ok(kCheck, "on this machine");
  return Failed(kCheck, fmt::format("{} is on {}", directory, remote),
                "move it to a disk of this machine: locks and mapped memory do not hold across a network");
}

Finding CheckFreeDisk(const std::string& directory) {
  constexpr char kCheck[] = "free_disk";
  constexpr char kTodo[] = "free space on its disk; effects are refused when the trail cannot be written";
  struct statvfs facts {};
  if (statvfs(directory.c_str(), &facts) != 0) {
    return Failed(kCheck, fmt::format("{}: {}", directory, strerror(errno)), "");
  }
  const std::uint64_t free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  const std::string note = fmt::format("{} MiB free, {} inodes", free / kMiB, facts.f_favail);
  // Some file systems have no fixed number of inodes, and say 0 of 0.
  if (free < kNoSpace || (facts.f_files != 0 && facts.f_favail < 16)) return Failed(kCheck, note, kTodo);
  if (free < kLittleSpace) return Warning(kCheck, note, kTodo);
  return Ok(kCheck, note);
}

Finding CheckLocks(const std::string& directory) {
  constexpr char kCheck[] = "locks";
  for (const char* name : {"gate.db.lock", "audit.db.lock", "tasks.db.lock", "budget.db.lock",
                           "notices.db.lock", "vault.db.lock"}) {
    if (CanLock(directory + "/" + name)) continue;
    return Failed(kCheck,
                  fmt::format("a process holds {} for more than two seconds; writes wait for it", name),
                  fmt::format("see who: fuser -v '{}/{}'", directory, name));
  }
  std::vector<std::string> left;
  int living = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    const bool mark = name.starts_with("process-");
    if (mark && IsHeld(entry.path())) ++living;
    if ((mark && !IsHeld(entry.path())) || name.starts_with("root.key.")) left.push_back(name);
  }
  if (left.empty()) return Ok(kCheck, fmt::format("free; {} servers at work", living));
  return Warning(kCheck, fmt::format("left by processes that died: {}", First(left)),
                 "the next server to start removes marks; a root.key.* may be removed when none is starting");
}

}  // namespace mcpgate::hosts
