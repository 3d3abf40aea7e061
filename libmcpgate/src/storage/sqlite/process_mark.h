// File: storage/sqlite/process_mark.h
//
// Which processes on a data directory live: each holds a lock on a file of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::sqlite {

/// ProcessMark
///
/// The kernel lets go of the lock when its holder dies, so that a mark tells the living from the dead at
/// once and without a clock. Safe for concurrent use.
class ProcessMark {
 public:
  /// A new mark in `directory`; removes those of the dead. Unavailable: the file cannot be made.
  static absl::StatusOr<std::unique_ptr<ProcessMark>> Make(const std::string& directory);
  ~ProcessMark();

  const std::string& name() const { return name_; }
  /// Whether whoever made the mark of that name still holds it.
  bool IsHeld(std::string_view name) const;

 private:
  ProcessMark(const std::string& directory, std::string name);
  std::string PathOf(std::string_view name) const;

  const std::string directory_;
  const std::string name_;
  FileLock lock_;
};

}  // namespace mcpgate::sqlite
