// File: common/file_write.h
//
// Files written whole or not at all.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mcpgate::hosts {

/// FileDescriptor
///
/// Closes what it holds. Confine to one thread.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Makes the directories above `path` that are missing, with mode 0700.
absl::Status MakeParentDirectories(const std::string& path);
/// Writes all of `text`; `path` is for the message.
absl::Status WriteAll(int fd, std::string_view text, std::string_view path);
/// Makes a new name in the directory of `path` survive a power cut.
absl::Status SyncParentDirectory(const std::string& path);

/// Replaces `path` by `text`, mode 0600: at any moment a reader finds the old content or the new. A symbolic
/// link stays one, and its target is replaced.
absl::Status ReplaceFile(const std::string& path, std::string_view text);

/// The content. NotFound when there is none; FailedPrecondition when it is larger than `max_bytes`.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, std::size_t max_bytes);

}  // namespace mcpgate::hosts
