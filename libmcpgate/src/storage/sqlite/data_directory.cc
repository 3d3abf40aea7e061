#include "storage/sqlite/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/crypto.h"
#include "base/descriptor.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::size_t kRootKeySize = 32;

absl::Status SystemError(std::string_view path, std::string_view what) {
  return absl::FailedPreconditionError(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

bool Exists(const std::string& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0;
}

absl::Status CheckPrivate(const std::string& path, int fd, mode_t kind, std::string_view mode) {
  struct stat found;
  if (fstat(fd, &found) != 0) return SystemError(path, "cannot be examined");
  if ((found.st_mode & S_IFMT) != kind)
    return absl::FailedPreconditionError(fmt::format("{}: is not what belongs there; move it aside", path));
  if (found.st_uid != geteuid())
    return absl::FailedPreconditionError(fmt::format(
        "{}: belongs to user {}, not to the user who runs this ({})", path, found.st_uid, geteuid()));
  if ((found.st_mode & 077) != 0)
    return absl::FailedPreconditionError(
        fmt::format("{}: can be reached by others; run: chmod {} '{}'", path, mode, path));
  return absl::OkStatus();
}

absl::StatusOr<Secret> ReadRootKey(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open())
    return errno == ENOENT ? absl::NotFoundError(fmt::format("{}: not there", path))
                           : SystemError(path, "cannot be read");
  if (absl::Status status = CheckPrivate(path, file.get(), S_IFREG, "600"); !status.ok()) return status;
  std::array<char, kRootKeySize + 1> bytes;
  const ssize_t size = read(file.get(), bytes.data(), bytes.size());
  if (size < 0) return SystemError(path, "cannot be read");
  if (size != static_cast<ssize_t>(kRootKeySize))
    return absl::FailedPreconditionError(
        fmt::format("{}: holds {} bytes instead of {}; restore it from a backup", path, size, kRootKeySize));
  Secret key(std::string_view(bytes.data(), kRootKeySize));
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

absl::Status WriteDurably(const std::string& path, const Secret& bytes) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return SystemError(path, "cannot be made");
  const std::string_view view = RevealSecret(bytes);
  if (fchmod(file.get(), 0600) != 0 ||
      write(file.get(), view.data(), view.size()) != static_cast<ssize_t>(view.size()) ||
      fsync(file.get()) != 0)
    return SystemError(path, "cannot be written");
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || fsync(directory.get()) != 0) return SystemError(path, "cannot be synced");
  return absl::OkStatus();
}

// Written beside its place and then linked into it, which fails when somebody else was first: nobody ever
// sees half a key, and whoever lost reads the winner's.
absl::Status MakeRootKey(const std::string& directory, const std::string& path) {
  std::array<std::uint8_t, 8> random;
  FillRandom(random);
  const std::string draft = fmt::format("{}.{}", path, HexEncode(random));
  absl::Status status = WriteDurably(draft, RandomSecret(kRootKeySize));
  if (status.ok() && link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST)
    status = SystemError(path, "cannot be made");
  unlink(draft.c_str());
  return status.ok() ? SyncDirectory(directory) : status;
}

}  // namespace

absl::Status PrepareDirectory(const std::string& path, bool create) {
  if (path.empty()) return absl::InvalidArgumentError("SqliteOptions::directory: empty");
  if (!Exists(path)) {
    if (!create) return absl::NotFoundError(fmt::format("{}: no data directory there", path));
    std::error_code failed;
    const std::filesystem::path parent = std::filesystem::absolute(path, failed).parent_path();
    if (!failed) std::filesystem::create_directories(parent, failed);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return SystemError(path, "cannot be made");
  }
  Descriptor directory(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!directory.is_open()) return SystemError(path, "cannot be opened");
  return CheckPrivate(path, directory.get(), S_IFDIR, "700");
}

absl::StatusOr<Secret> LoadRootKey(const std::string& directory, bool create) {
  const std::string path = directory + "/root.key";
  absl::StatusOr<Secret> key = ReadRootKey(path);
  if (!absl::IsNotFound(key.status())) return key;
  // The key is always made before the databases, so databases without a key have lost theirs. Look at the key
  // again after the databases: another process may have made both since.
  if (Exists(directory + "/gate.db") || Exists(directory + "/audit.db")) {
    key = ReadRootKey(path);
    if (!absl::IsNotFound(key.status())) return key;
    return absl::FailedPreconditionError(fmt::format(
        "{}: missing, and what the directory holds is worthless without it; restore it from a backup", path));
  }
  if (!create) return absl::NotFoundError(fmt::format("{}: holds no store yet", directory));
  if (absl::Status status = MakeRootKey(directory, path); !status.ok()) return status;
  return ReadRootKey(path);
}

absl::Status CreatePrivateFile(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return SystemError(path, "cannot be opened");
  return absl::OkStatus();
}

}  // namespace mcpgate::sqlite
