#include "keys/private_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace mcpgate {
namespace {

constexpr char kLockName[] = ".lock";
constexpr std::size_t kMostRead = 4096;

absl::Status Unfit(const std::string& directory, std::string_view why) {
  return absl::FailedPreconditionError(fmt::format("{}: {}", directory, why));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateFiles>> PrivateFiles::Open(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return Unfit(directory, std::strerror(errno));
  Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.is_open()) return Unfit(directory, std::strerror(errno));
  struct stat found {};
  if (fstat(fd.get(), &found) != 0) return Unfit(directory, std::strerror(errno));
  if (found.st_uid != geteuid()) return Unfit(directory, "belongs to another user");
  if ((found.st_mode & 077) != 0) return Unfit(directory, "can be reached by others; run chmod 700 on it");
  Descriptor lock(openat(fd.get(), kLockName, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.is_open()) return Unfit(directory, std::strerror(errno));
  return std::unique_ptr<PrivateFiles>(new PrivateFiles(directory, fd.Release(), lock.Release()));
}

PrivateFiles::~PrivateFiles() {
  close(lock_);
  close(fd_);
}

absl::Status PrivateFiles::Problem(std::string_view name, int error) const {
  const std::string text = fmt::format("{}/{}: {}", directory_, name, std::strerror(error));
  if (error == EEXIST) return absl::AlreadyExistsError(text);
  if (error == ENOENT) return absl::NotFoundError(text);
  return absl::UnavailableError(text);
}

absl::Status PrivateFiles::Lock() {
  while (flock(lock_, LOCK_EX) != 0) {
    if (errno != EINTR) return Problem(kLockName, errno);
  }
  return absl::OkStatus();
}

void PrivateFiles::Unlock() { flock(lock_, LOCK_UN); }

absl::Status PrivateFiles::Create(const std::string& name, std::string_view content) {
  const Descriptor file(
      openat(fd_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return Problem(name, errno);
  if (fchmod(file.get(), 0600) == 0 && WriteAll(file.get(), content) && fsync(file.get()) == 0)
    return absl::OkStatus();
  const absl::Status status = Problem(name, errno);
  unlinkat(fd_, name.c_str(), 0);
  return status;
}

absl::Status PrivateFiles::Link(const std::string& name, const std::string& other) {
  return linkat(fd_, name.c_str(), fd_, other.c_str(), 0) == 0 ? absl::OkStatus() : Problem(other, errno);
}

absl::Status PrivateFiles::Remove(const std::string& name) {
  if (unlinkat(fd_, name.c_str(), 0) == 0 || errno == ENOENT) return absl::OkStatus();
  return Problem(name, errno);
}

absl::Status PrivateFiles::Sync() { return fsync(fd_) == 0 ? absl::OkStatus() : Problem("", errno); }

bool PrivateFiles::Has(const std::string& name) const {
  struct stat found {};
  return fstatat(fd_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
}

absl::StatusOr<std::string> PrivateFiles::Read(const std::string& name) const {
  const Descriptor file(openat(fd_, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open()) return Problem(name, errno);
  std::array<char, kMostRead> bytes;
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Problem(name, errno);
    if (got == 0) return std::string(bytes.data(), size);
    size += static_cast<std::size_t>(got);
    if (size == bytes.size())
      return absl::FailedPreconditionError(fmt::format("{}/{}: too long", directory_, name));
  }
}

absl::StatusOr<std::vector<std::string>> PrivateFiles::Names() const {
  Descriptor copy(openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* const directory = !copy.is_open() ? nullptr : fdopendir(copy.get());
  if (directory == nullptr) return Problem("", errno);
  copy.Release();  // closed with the directory
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && name != kLockName) names.push_back(name);
  }
  closedir(directory);
  return names;
}

}  // namespace mcpgate
