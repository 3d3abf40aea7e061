// File: storage/sqlite/audit_keeper.h
//
// What is done to the written trail beside the calls: checkpoints, segments, retention.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "mcpgate/clock.h"
#include "mcpgate/secret.h"
#include "mcpgate/sqlite.h"
#include "storage/sqlite/audit_ground.h"
#include "storage/sqlite/audit_log.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::sqlite {

/// AuditKeeper
///
/// Follows the trail along its own connection and never signs what the chain does not prove. Of several
/// processes on one directory only one keeps at a time. Confine to one thread.
class AuditKeeper {
 public:
  /// `path` is that of audit.db.
  AuditKeeper(std::string path, const Secret& root_key, AuditKeeping keeping, Nanos deadline,
              const Clock& clock, std::shared_ptr<AuditBook> book);

  /// Does what is due. Whatever fails is tried anew the next time.
  absl::Status Tick();
  /// A checkpoint of what there is, though none is due.
  absl::Status Finish();

 private:
  absl::Status TickLocked(bool ending);
  absl::Status Open();
  absl::Status StandOnGround();
  absl::StatusOr<bool> Follow();
  absl::Status Take(std::uint64_t seq, std::string_view body, std::string_view hash);
  bool IsFull() const;
  bool IsOld() const;
  absl::Status CloseSegment();
  void BeginSegment();
  bool CheckpointDue(bool ending) const;
  absl::Status TellCheckpoint();
  absl::Status RemoveOld();
  absl::Status Sweep();

  const std::string path_;
  const AuditChain chain_;
  const NoteSigner signer_;
  const AuditKeeping keeping_;
  const Nanos deadline_;
  const Clock& clock_;
  const std::shared_ptr<AuditBook> book_;
  FileLock lock_;
  std::unique_ptr<Database> db_;
  Statement rows_, last_segment_;

  // Where it stands.
  AuditGround ground_;
  std::uint64_t closed_ = 0;  ///< the end of the last segment
  ChainHead at_;
  MerkleRange tree_;
  AuditSegment open_;
  std::uint64_t open_bytes_ = 0;
  std::uint64_t told_ = 0;  ///< the size of the last checkpoint
  Nanos told_at_{0};
  bool is_placed_ = false;
};

}  // namespace mcpgate::sqlite
