// File: storage/sqlite/file_lock.h
//
// The lock that all processes on a data directory take before they write.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace mcpgate::sqlite {

/// FileLock
///
/// An advisory `flock` on a file of its own; the kernel lets go of it when its holder dies. Excludes other
/// FileLocks of the same path in this process as well. Not thread-safe.
class FileLock {
 public:
  explicit FileLock(std::string path) : path_(std::move(path)) {}
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Unavailable when somebody else still holds it after `patience`, or the file cannot be opened.
  absl::Status Acquire(Nanos patience);
  bool TryAcquire();
  void Release();

 private:
  absl::Status OpenFile();
  bool IsCurrent() const;

  const std::string path_;
  int fd_ = -1;
};

}  // namespace mcpgate::sqlite
