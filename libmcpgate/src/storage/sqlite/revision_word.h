// File: storage/sqlite/revision_word.h
//
// "Keys may have changed", told to every process by one word in shared memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::sqlite {

/// RevisionWord
///
/// A sequence lock in a mapped file of 8 bytes: odd while a change of keys may be half visible. A process
/// that dies in between leaves it odd, and whoever next holds the database's lock makes it even again. Safe
/// for concurrent use.
class RevisionWord {
 public:
  static absl::StatusOr<std::unique_ptr<RevisionWord>> Map(const std::string& path,
                                                           const std::string& lock_path);
  ~RevisionWord();
  RevisionWord(const RevisionWord&) = delete;
  RevisionWord& operator=(const RevisionWord&) = delete;

  /// A load when even. When odd, tries to take over from a dead writer, without waiting.
  std::uint64_t Read();

  // For the holder of the database's lock.
  /// Before a change can become visible.
  void BeginChange();
  /// After the change is durable or undone, and before it is answered. Also ends what a dead writer began.
  void EndChange();

 private:
  RevisionWord(std::uint64_t* word, const std::string& lock_path) : word_(word), lock_(lock_path) {}

  std::uint64_t* const word_;
  Mutex mutex_;
  FileLock lock_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::sqlite
