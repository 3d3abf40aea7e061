#include "common/secret_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "common/data_directory.h"
#include "common/file_write.h"
#include "common/weak_secret.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

std::optional<Secret> TakeVariable(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  Secret secret{std::string_view(value)};
  explicit_bzero(value, strlen(value));
  unsetenv(name);
  if (secret.empty()) return std::nullopt;
  return secret;
}

// systemd hands a service its credentials in a directory that nobody else can enter; where it grants the read
// by an access list, that shows as the group's (systemd.exec(5), LoadCredential=).
bool IsCredential(const std::string& path) {
  const std::string directory = Environment("CREDENTIALS_DIRECTORY");
  return !directory.empty() && path.starts_with(directory + "/");
}

absl::Status CheckSecretFile(const std::string& path, const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) {
    return absl::FailedPreconditionError(path + " is not a regular file; name one that holds the secret");
  }
  const mode_t others = IsCredential(path) ? 037 : 077;
  if ((facts.st_mode & others) != 0) {
    return absl::FailedPreconditionError(fmt::format(
        "{} can be read by others (mode {:04o}); run: chmod 600 '{}'", path, facts.st_mode & 07777, path));
  }
  if (facts.st_size > static_cast<off_t>(kMaxSecretBytes)) {
    return absl::FailedPreconditionError(fmt::format("{} is too large for a secret ({} bytes, at most {})",
                                                     path, static_cast<long long>(facts.st_size),
                                                     kMaxSecretBytes));
  }
  return absl::OkStatus();
}

void DropLineEnd(std::string& text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
}

absl::Status FileProblem(const std::string& path, int error) {
  const std::string text = fmt::format("{}: {}", path, strerror(error));
  return error == ENOENT ? absl::NotFoundError(text) : absl::FailedPreconditionError(text);
}

}  // namespace

SecretSource ApiKeySource(std::string key_file) {
  return {"API key", "MCPGATE_API_KEY", "MCPGATE_API_KEY_FILE", std::move(key_file)};
}

SecretSource DiscordTokenSource(std::string token_file) {
  return {"Discord bot token", "MCPGATE_DISCORD_TOKEN", "MCPGATE_DISCORD_TOKEN_FILE", std::move(token_file)};
}

absl::StatusOr<std::optional<Secret>> ReadSecret(const SecretSource& source) {
  std::optional<Secret> from_variable = TakeVariable(source.variable);
  std::string file = source.file;
  if (file.empty() && from_variable.has_value()) {
    const absl::Status weak = CheckNotWeak(source.what, source.variable, RevealSecret(*from_variable));
    if (!weak.ok()) return weak;
    return from_variable;
  }
  if (file.empty()) file = Environment(source.file_variable);
  if (file.empty()) return std::optional<Secret>();
  absl::StatusOr<Secret> secret = ReadSecretFile(file);
  if (!secret.ok()) {
    return absl::Status(secret.status().code(), fmt::format("the {} could not be read: {}", source.what,
                                                            std::string(secret.status().message())));
  }
  if (absl::Status weak = CheckNotWeak(source.what, file, RevealSecret(*secret)); !weak.ok()) return weak;
  return std::optional<Secret>(*std::move(secret));
}

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang; it is refused below.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return FileProblem(path, errno);
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) return FileProblem(path, errno);
  if (absl::Status status = CheckSecretFile(path, facts); !status.ok()) return status;
  std::string text(kMaxSecretBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileProblem(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  DropLineEnd(text);
  if (text.empty()) return absl::FailedPreconditionError(path + " is empty; it should hold one secret");
  return Secret::Take(text);
}

absl::StatusOr<SecretFile> SecretFile::Create(std::string path) {
  if (absl::Status status = MakeParentDirectories(path); !status.ok()) return status;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(path + " exists already; name a file that does not, or remove it first");
  }
  if (fd < 0) return FileProblem(path, errno);
  return SecretFile(std::move(path), fd);
}

SecretFile::SecretFile(SecretFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

SecretFile::~SecretFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(path_.c_str());
}

absl::Status SecretFile::Write(const Secret& secret) {
  if (absl::Status status = WriteAll(fd_, RevealSecret(secret), path_); !status.ok()) return status;
  if (absl::Status status = WriteAll(fd_, "\n", path_); !status.ok()) return status;
  if (fsync(fd_) != 0) return FileProblem(path_, errno);
  close(std::exchange(fd_, -1));
  return SyncParentDirectory(path_);
}

}  // namespace mcpgate::hosts
