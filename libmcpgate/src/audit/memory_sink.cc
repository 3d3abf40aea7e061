#include <algorithm>
#include <deque>

#include "base/mutex.h"
#include "mcpgate/audit.h"

namespace mcpgate {
namespace {

// Safe for concurrent use. What is in memory is as durable here as it gets, so both durabilities are one.
class MemorySink : public MemoryAuditSink {
 public:
  explicit MemorySink(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

  absl::Status Append(AuditRecord record, AuditDurability) override {
    MutexLock lock(mutex_);
    if (records_.size() == capacity_) records_.pop_front();
    records_.push_back(std::move(record));
    return absl::OkStatus();
  }
  absl::Status Ready() override { return absl::OkStatus(); }
  absl::Status Flush() override { return absl::OkStatus(); }

  std::vector<AuditRecord> Records() const override {
    MutexLock lock(mutex_);
    return {records_.begin(), records_.end()};
  }

 private:
  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::deque<AuditRecord> records_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<MemoryAuditSink> NewMemoryAuditSink(std::size_t capacity) {
  return std::make_unique<MemorySink>(capacity);
}

}  // namespace mcpgate
