#include "common/file_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace mcpgate::hosts {
namespace {

absl::Status Problem(std::string_view path, int error) {
  const std::string text = fmt::format("{}: {}", path, strerror(error));
  return error == ENOENT ? absl::NotFoundError(text) : absl::FailedPreconditionError(text);
}

std::string ParentOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string ResolveLink(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  return error ? path : target.string();
}

absl::Status WriteDurably(int fd, std::string_view text, const std::string& path) {
  if (absl::Status status = WriteAll(fd, text, path); !status.ok()) return status;
  if (fsync(fd) != 0) return Problem(path, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeParentDirectories(const std::string& path) {
  std::string made;
  for (const std::filesystem::path& part : std::filesystem::path(ParentOf(path))) {
    made = made.empty() ? part.string() : (std::filesystem::path(made) / part).string();
    if (mkdir(made.c_str(), 0700) != 0 && errno != EEXIST) {
      // A directory above ours may be unwritable or read-only and still be there.
      const int error = errno;
      std::error_code ignored;
      if (!std::filesystem::is_directory(made, ignored)) return Problem(made, error);
    }
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, std::string_view text, std::string_view path) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Problem(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncParentDirectory(const std::string& path) {
  const FileDescriptor directory(open(ParentOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) return Problem(ParentOf(path), errno);
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& path, std::string_view text) {
  const std::string target = ResolveLink(path);
  if (absl::Status status = MakeParentDirectories(target); !status.ok()) return status;
  std::string fresh = target + ".new-XXXXXX";
  const FileDescriptor file(mkostemp(fresh.data(), O_CLOEXEC));  // mode 0600
  if (file.get() < 0) return Problem(fresh, errno);
  absl::Status status = WriteDurably(file.get(), text, fresh);
  if (status.ok() && rename(fresh.c_str(), target.c_str()) != 0) status = Problem(target, errno);
  if (!status.ok()) {
    unlink(fresh.c_str());
    return status;
  }
  return SyncParentDirectory(target);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Problem(path, errno);
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Problem(path, errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > max_bytes) {
      return absl::FailedPreconditionError(fmt::format("{} is larger than {} bytes", path, max_bytes));
    }
  }
}

}  // namespace mcpgate::hosts
