// File: common/secret_source.h
//
// Secrets from outside: from the environment or from a file only its owner can read. Never from the command
// line, where every user of the machine could see them.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/secret.h"

namespace mcpgate::hosts {

/// One secret and the places where it may be. Asked in this order: `file` (an option), `variable`, the file
/// that `file_variable` names.
struct SecretSource {
  const char* what = "";           ///< "API key", for messages
  const char* variable = "";       ///< MCPGATE_API_KEY
  const char* file_variable = "";  ///< MCPGATE_API_KEY_FILE
  std::string file;                ///< from an option; empty: not given
};
SecretSource ApiKeySource(std::string key_file);
SecretSource DiscordTokenSource(std::string token_file);

/// ReadSecret()
///
/// The secret, or nullopt when no place has it. The variable is wiped and removed from the environment either
/// way, so no child process and no /proc/<pid>/environ shows it. FailedPrecondition for a placeholder or what
/// everybody tries first (weak_secret.h). Call before threads are started.
absl::StatusOr<std::optional<Secret>> ReadSecret(const SecretSource& source);

/// The content of `path` without its last line end. FailedPrecondition when it is not a regular file, others
/// can read or write it (any bit of 077; below $CREDENTIALS_DIRECTORY the group may read), or it holds
/// nothing or more than 4096 bytes.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path);

/// SecretFile
///
/// A new file, mode 0600, that a secret will be written to. Made before the secret is, so that a secret never
/// exists with nowhere to go; removed again unless `Write` succeeded. Not thread-safe.
class SecretFile {
 public:
  /// Makes missing parent directories with mode 0700. AlreadyExists when there is such a file.
  static absl::StatusOr<SecretFile> Create(std::string path);
  SecretFile(SecretFile&& other) noexcept;
  SecretFile& operator=(SecretFile&&) = delete;
  ~SecretFile();

  /// Writes `secret` and a line end, durably.
  absl::Status Write(const Secret& secret);

 private:
  SecretFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_ = -1;
};

}  // namespace mcpgate::hosts
