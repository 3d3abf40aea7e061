#include <atomic>
#include <functional>
#include <map>

#include "base/mutex.h"
#include "mcpgate/key_store.h"

namespace mcpgate {
namespace {

// Safe for concurrent use.
class MemoryKeyStore : public KeyStore {
 public:
  absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) override {
    MutexLock lock(mutex_);
    const auto row = rows_.find(id);
    if (row == rows_.end()) return std::optional<KeyRecord>();
    return std::optional<KeyRecord>(row->second);
  }

  absl::StatusOr<std::vector<StoredKey>> List(std::string_view after, std::size_t limit) override {
    MutexLock lock(mutex_);
    std::vector<StoredKey> keys;
    for (auto row = rows_.upper_bound(after); row != rows_.end() && keys.size() < limit; ++row) {
      keys.push_back({.id = row->first, .record = row->second});
    }
    return keys;
  }

  absl::Status Insert(const KeyRecord& record) override {
    MutexLock lock(mutex_);
    if (rows_.contains(record.id)) return absl::AlreadyExistsError("this key id is taken");
    const Change change(revision_);
    rows_.emplace(record.id, record);
    return absl::OkStatus();
  }

  absl::Status Update(const KeyRecord& record) override {
    MutexLock lock(mutex_);
    const auto row = rows_.find(record.id);
    if (row == rows_.end()) return absl::NotFoundError("no such key");
    if (row->second.version != record.version - 1) {
      return absl::AbortedError("the key was changed by someone else; read it again");
    }
    const Change change(revision_);
    row->second = record;
    return absl::OkStatus();
  }

  std::uint64_t Revision() override { return revision_.load(); }

 private:
  // The revision is odd while a change is being made.
  class Change {
   public:
    explicit Change(std::atomic<std::uint64_t>& revision) : revision_(revision) { ++revision_; }
    ~Change() { ++revision_; }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    std::atomic<std::uint64_t>& revision_;
  };

  std::atomic<std::uint64_t> revision_{0};
  Mutex mutex_;
  std::map<std::string, KeyRecord, std::less<>> rows_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyStore> NewMemoryKeyStore() { return std::make_unique<MemoryKeyStore>(); }

}  // namespace mcpgate
