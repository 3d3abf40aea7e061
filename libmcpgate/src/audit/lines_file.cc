#include "audit/lines_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mcpgate {
namespace {

constexpr std::size_t kMaxPending = 4u << 20;

}  // namespace

absl::Status LinesFile::Failed(std::string_view what) const {
  return absl::UnavailableError(fmt::format("{}: {}: {}", path_, what, std::strerror(errno)));
}

absl::Status LinesFile::Open() {
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) return Failed("cannot be opened");
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    Close();
    return absl::FailedPreconditionError(
        fmt::format("{}: another process writes this file; give each process its own", path_));
  }
  struct stat found;
  if (fstat(fd_, &found) != 0) return Failed("cannot be examined");
  synced_ = static_cast<std::uint64_t>(found.st_size);
  // The name of a file that was just made must survive a power cut as well.
  const std::filesystem::path parent = std::filesystem::path(path_).parent_path();
  const int directory = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    (void)fsync(directory);
    close(directory);
  }
  return absl::OkStatus();
}

void LinesFile::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  synced_ = 0;
  pending_.clear();
  written_ = 0;
}

bool LinesFile::IsInPlace() const {
  struct stat named, mine;
  return fd_ >= 0 && lstat(path_.c_str(), &named) == 0 && fstat(fd_, &mine) == 0 &&
         named.st_ino == mine.st_ino && named.st_dev == mine.st_dev;
}

absl::Status LinesFile::MoveTo(const std::string& path) const {
  return rename(path_.c_str(), path.c_str()) == 0 ? absl::OkStatus() : Failed("cannot be renamed");
}

bool LinesFile::HasRoom() const { return pending_.size() < kMaxPending; }

absl::Status LinesFile::CutTo(std::uint64_t size) {
  if (ftruncate(fd_, static_cast<off_t>(size)) != 0 || fsync(fd_) != 0) return Failed("cannot be cut");
  synced_ = size;
  return absl::OkStatus();
}

// Half a line in the middle of the file would break the chain.
void LinesFile::TakeBack() {
  (void)ftruncate(fd_, static_cast<off_t>(synced_));
  written_ = 0;
}

absl::Status LinesFile::Write() {
  while (written_ < pending_.size()) {
    const ssize_t count = pwrite(fd_, pending_.data() + written_, pending_.size() - written_,
                                 static_cast<off_t>(synced_ + written_));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      absl::Status status = Failed("cannot be written");
      TakeBack();
      return status;
    }
    written_ += static_cast<std::size_t>(count);
  }
  return absl::OkStatus();
}

absl::Status LinesFile::Sync() {
  if (absl::Status status = Write(); !status.ok()) return status;
  if (pending_.empty()) return absl::OkStatus();
  if (fdatasync(fd_) != 0) {
    // What the system could not write it may have forgotten: a second sync would lie.
    absl::Status status = Failed("cannot be synced");
    TakeBack();
    return status;
  }
  TrustSystem();
  return absl::OkStatus();
}

void LinesFile::TrustSystem() {
  synced_ += pending_.size();
  pending_.clear();
  written_ = 0;
}

}  // namespace mcpgate
