#include "storage/sqlite/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace mcpgate::sqlite {
namespace {

// `flock` has no timeout, so it is asked again and again. The steps are short enough to meet the gap between
// two groups of a busy writer.
constexpr Nanos kFirstPause = std::chrono::microseconds(20);
constexpr Nanos kLongestPause = std::chrono::microseconds(500);

}  // namespace

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FileLock::OpenFile() {
  if (fd_ >= 0) return absl::OkStatus();
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ >= 0) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("{}: cannot open the lock file: {}", path_, std::strerror(errno)));
}

// A lock on a file that was deleted meanwhile locks nobody out.
bool FileLock::IsCurrent() const {
  struct stat held, named;
  return fstat(fd_, &held) == 0 && stat(path_.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

bool FileLock::TryAcquire() {
  if (!OpenFile().ok() || flock(fd_, LOCK_EX | LOCK_NB) != 0) return false;
  if (IsCurrent()) return true;
  close(fd_);
  fd_ = -1;
  return false;
}

absl::Status FileLock::Acquire(Nanos patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (Nanos pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    if (absl::Status status = OpenFile(); !status.ok()) return status;
    if (TryAcquire()) return absl::OkStatus();
    if (std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(pause);
  }
  return absl::UnavailableError(
      fmt::format("another process holds {} for too long; find it with `fuser {}`", path_, path_));
}

void FileLock::Release() { flock(fd_, LOCK_UN); }

}  // namespace mcpgate::sqlite
