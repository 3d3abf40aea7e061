// File: audit/lines_file.h
//
// The file that lines are written to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "mcpgate/clock.h"

namespace mcpgate {

/// LinesFile
///
/// A file that only grows. What is written but not synced is remembered, so that a failure takes the file
/// back to what is known to be on the disk. Not thread-safe.
class LinesFile {
 public:
  explicit LinesFile(std::string path) : path_(std::move(path)) {}
  ~LinesFile() { Close(); }
  LinesFile(const LinesFile&) = delete;
  LinesFile& operator=(const LinesFile&) = delete;

  /// Opens or makes it with mode 0600, and locks it. FailedPrecondition when another process has.
  absl::Status Open();
  void Close();
  bool is_open() const { return fd_ >= 0; }
  /// Whether the path still names this file.
  bool IsInPlace() const;
  /// Renames it; it stays open.
  absl::Status MoveTo(const std::string& path) const;

  const std::string& path() const { return path_; }
  /// With what waits to be written.
  std::uint64_t size() const { return synced_ + pending_.size(); }
  bool HasRoom() const;
  void Append(std::string_view text) { pending_ += text; }
  absl::Status CutTo(std::uint64_t size);
  /// Gives all to the system.
  absl::Status Write();
  absl::Status Sync();
  /// What was written counts as kept.
  void TrustSystem();

 private:
  absl::Status Failed(std::string_view what) const;
  void TakeBack();

  const std::string path_;
  int fd_ = -1;
  std::uint64_t synced_ = 0;  ///< bytes that are known to be kept
  std::string pending_;       ///< those after them
  std::size_t written_ = 0;   ///< of pending_
};

}  // namespace mcpgate
