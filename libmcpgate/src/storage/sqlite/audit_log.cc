#include "storage/sqlite/audit_log.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::size_t kLongestChunk = 64;

class AppendRequest : public WriteRequest {
 public:
  AppendRequest(AuditTable& table, AuditRecord record) : table_(table), record_(std::move(record)) {}
  absl::Status Apply() override { return table_.Append(record_); }

 private:
  AuditTable& table_;
  const AuditRecord record_;
};

// Nothing to write, but durable only when all before it is.
class FlushRequest : public WriteRequest {
 public:
  absl::Status Apply() override { return absl::OkStatus(); }
};

class Chunk;

/// The chunks of one sink: at most one takes records, those that are written serve again. A record is swapped
/// into a slot, so that what a thread allocated it also frees: strings freed by the writer would make both
/// threads wait for the allocator. Safe for concurrent use.
class ChunkPool : public std::enable_shared_from_this<ChunkPool> {
 public:
  ChunkPool(AuditTable& table, std::size_t chunk_size) : table_(table), chunk_size_(chunk_size) {}

  /// Adds a record; a chunk that was begun for it is handed to `queue`.
  template <typename Queue>
  absl::Status Add(AuditRecord& record, Queue queue);
  /// Lets go of the open chunk, which holds the pool; nothing is added afterwards.
  void Close();

 private:
  friend class Chunk;
  static constexpr std::size_t kMaxIdle = 32;

  std::shared_ptr<Chunk> Begin() MCPGATE_REQUIRES(mutex_);

  AuditTable& table_;
  const std::size_t chunk_size_;
  Mutex mutex_;
  std::shared_ptr<Chunk> open_ MCPGATE_GUARDED_BY(mutex_);
  // Chunks that were queued and not yet written, the open one included.
  std::size_t waiting_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::vector<std::vector<AuditRecord>> idle_ MCPGATE_GUARDED_BY(mutex_);
};

/// Records that wait together. It is queued with its first record and takes more until the writer comes for
/// it.
class Chunk : public WriteRequest {
 public:
  Chunk(std::shared_ptr<ChunkPool> pool, std::vector<AuditRecord> slots)
      : WriteRequest(slots.size()), pool_(std::move(pool)), slots_(std::move(slots)) {}

  absl::Status Apply() override {
    bool has_time = false;
    {
      MutexLock lock(pool_->mutex_);
      if (pool_->open_.get() == this) pool_->open_ = nullptr;
      if (!std::exchange(is_counted_out_, true)) --pool_->waiting_;
      has_time = pool_->waiting_ < kManyChunks;
    }
    // Closed: from here on the records are the writer's alone.
    for (std::size_t i = 0; i < used_; ++i) {
      if (absl::Status status = pool_->table_.Append(slots_[i]); !status.ok()) return status;
    }
    if (has_time && used_ == kLongestChunk) std::this_thread::sleep_for(kBreath);
    return absl::OkStatus();
  }

  std::size_t Records() override {
    MutexLock lock(pool_->mutex_);
    return used_;
  }

  void Settled(const absl::Status& result) override {
    if (!result.ok()) pool_->table_.CountLost(used_);
    MutexLock lock(pool_->mutex_);
    if (pool_->idle_.size() < ChunkPool::kMaxIdle) pool_->idle_.push_back(std::move(slots_));
  }

 private:
  friend class ChunkPool;

  // After a long chunk, which says that there are many records. Where the writer shares its core with those
  // who make the records, it would keep them from it for milliseconds: a scheduler lets it catch up with them
  // in one piece, even when it yields.
  static constexpr std::chrono::microseconds kBreath{100};
  static constexpr std::size_t kManyChunks = 32;  // beyond, the writer is behind and does not rest

  const std::shared_ptr<ChunkPool> pool_;
  std::vector<AuditRecord> slots_;
  // Under the pool's mutex while this is its open chunk, then the writer's alone: nothing to be checked.
  std::size_t used_ = 0;
  bool is_counted_out_ MCPGATE_GUARDED_BY(pool_->mutex_) = false;
};

std::shared_ptr<Chunk> ChunkPool::Begin() {
  std::vector<AuditRecord> slots;
  if (idle_.empty()) {
    slots.resize(chunk_size_);
  } else {
    slots = std::move(idle_.back());
    idle_.pop_back();
  }
  return std::make_shared<Chunk>(shared_from_this(), std::move(slots));
}

template <typename Queue>
absl::Status ChunkPool::Add(AuditRecord& record, Queue queue) {
  MutexLock lock(mutex_);
  if (open_ == nullptr) {
    std::shared_ptr<Chunk> chunk = Begin();
    if (absl::Status status = queue(chunk); !status.ok()) {
      if (idle_.size() < kMaxIdle) idle_.push_back(std::move(chunk->slots_));
      return status;
    }
    open_ = std::move(chunk);
    ++waiting_;
  }
  std::swap(open_->slots_[open_->used_++], record);
  if (open_->used_ == chunk_size_) open_ = nullptr;
  return absl::OkStatus();
}

void ChunkPool::Close() {
  const std::shared_ptr<Chunk> open = [this] {
    MutexLock lock(mutex_);
    return std::exchange(open_, nullptr);
  }();
}

// Safe for concurrent use.
class AuditLog : public AuditSink {
 public:
  AuditLog(std::shared_ptr<AuditBook> book, std::size_t chunk_size)
      : book_(std::move(book)), pool_(std::make_shared<ChunkPool>(book_->table, chunk_size)) {}
  ~AuditLog() override { pool_->Close(); }

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    if (durability == AuditDurability::kBefore) {
      return book_->writer->Write(std::make_shared<AppendRequest>(book_->table, std::move(record)));
    }
    absl::Status status = pool_->Add(
        record, [this](std::shared_ptr<Chunk> chunk) { return book_->writer->Queue(std::move(chunk)); });
    if (!status.ok() && book_->table.CountLost()) book_->writer->Nudge();
    return status;
  }
  absl::Status Ready() override { return book_->writer->AwaitRoom(); }
  absl::Status Flush() override { return book_->writer->Write(std::make_shared<FlushRequest>()); }

 private:
  const std::shared_ptr<AuditBook> book_;
  const std::shared_ptr<ChunkPool> pool_;
};

}  // namespace

std::unique_ptr<AuditSink> NewAuditLog(std::shared_ptr<AuditBook> book, std::size_t queue) {
  // A chunk takes up its whole size of the queue's bound; a short queue gets short chunks.
  constexpr std::size_t kChunksInQueue = 64;
  return std::make_unique<AuditLog>(std::move(book),
                                    std::clamp<std::size_t>(queue / kChunksInQueue, 1, kLongestChunk));
}

}  // namespace mcpgate::sqlite
