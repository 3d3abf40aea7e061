// Files in one private directory, written so that a crash leaves them whole or not there.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mcpgate {

/// PrivateFiles
///
/// Names are plain names; no symbolic link is followed. Not thread-safe; its lock is one of processes and of
/// objects in one process.
class PrivateFiles {
 public:
  /// Makes the directory with mode 0700 when it is missing. FailedPrecondition when it is something else, or
  /// others can reach it.
  static absl::StatusOr<std::unique_ptr<PrivateFiles>> Open(const std::string& directory);
  ~PrivateFiles();
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

  /// Waits for everybody else who holds it.
  absl::Status Lock();
  void Unlock();

  /// A new file, mode 0600, on disk when it returns; its name perhaps not yet. AlreadyExists when there is
  /// one.
  absl::Status Create(const std::string& name, std::string_view content);
  /// A second name for a file. AlreadyExists when it is taken.
  absl::Status Link(const std::string& name, const std::string& other);
  /// OK also when it is not there.
  absl::Status Remove(const std::string& name);
  /// Makes names that came and went survive a power cut.
  absl::Status Sync();
  bool Has(const std::string& name) const;
  std::string PathOf(const std::string& name) const { return directory_ + "/" + name; }
  /// Up to 4 KiB.
  absl::StatusOr<std::string> Read(const std::string& name) const;
  absl::StatusOr<std::vector<std::string>> Names() const;

 private:
  PrivateFiles(std::string directory, int fd, int lock)
      : directory_(std::move(directory)), fd_(fd), lock_(lock) {}
  absl::Status Problem(std::string_view name, int error) const;

  const std::string directory_;
  const int fd_, lock_;
};

}  // namespace mcpgate
