#include "crash/lossy_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace mcpgate::testing {
namespace {

struct Change {
  sqlite3_int64 offset = 0;
  std::string bytes;
  sqlite3_int64 end() const { return offset + static_cast<sqlite3_int64>(bytes.size()); }
};

std::atomic<unsigned> torn_sixteenths = 0;

// Safe for concurrent use. Any seed will do: which writes a power cut spares is nobody's choice.
std::uint32_t Dice() {
  thread_local std::minstd_rand dice{std::random_device{}()};
  return static_cast<std::uint32_t>(dice() >> 8);
}

// What one file has not synced, in order; shared by all connections of the process. Safe for concurrent use.
class Unsynced {
 public:
  int Write(sqlite3_file* file, sqlite3_int64 offset, std::string_view bytes) {
    MutexLock lock(mutex_);
    changes_.push_back({.offset = offset, .bytes = std::string(bytes)});
    if (bytes.empty() || Dice() % 16 >= torn_sixteenths.load()) return SQLITE_OK;
    const int some = 1 + static_cast<int>(Dice() % bytes.size());
    return file->pMethods->xWrite(file, bytes.data(), some, offset);
  }
  // Reaches the file at once, as it may on any disk: kept back, it would cut off what other processes have
  // written since.
  int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    MutexLock lock(mutex_);
    std::erase_if(changes_, [size](const Change& change) { return change.offset >= size; });
    for (Change& change : changes_) {
      if (change.end() > size) change.bytes.resize(static_cast<std::size_t>(size - change.offset));
    }
    sqlite3_int64 real_size = 0;
    const int code = file->pMethods->xFileSize(file, &real_size);
    if (code != SQLITE_OK || real_size <= size) return code;
    return file->pMethods->xTruncate(file, size);
  }

  /// The file's size with the changes, when without them it is `size`.
  sqlite3_int64 Size(sqlite3_int64 size) const {
    MutexLock lock(mutex_);
    for (const Change& change : changes_) size = std::max(size, change.end());
    return size;
  }

  /// Lays the changes over what `file` itself answers.
  int Read(sqlite3_file* file, char* out, int amount, sqlite3_int64 offset) const {
    MutexLock lock(mutex_);
    if (changes_.empty()) return file->pMethods->xRead(file, out, amount, offset);
    const int code = file->pMethods->xRead(file, out, amount, offset);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
    sqlite3_int64 size = 0;
    if (const int failed = file->pMethods->xFileSize(file, &size); failed != SQLITE_OK) return failed;
    for (const Change& change : changes_) {
      size = std::max(size, change.end());
      Cover(out, amount, offset, change);
    }
    return offset + amount <= size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  int Apply(sqlite3_file* file) {
    MutexLock lock(mutex_);
    for (const Change& change : changes_) {
      const int code = file->pMethods->xWrite(file, change.bytes.data(),
                                              static_cast<int>(change.bytes.size()), change.offset);
      if (code != SQLITE_OK) return code;
    }
    changes_.clear();
    return SQLITE_OK;
  }

  std::size_t count() const {
    MutexLock lock(mutex_);
    return changes_.size();
  }

 private:
  // The part of `change` that lies in [offset, offset + amount).
  static void Cover(char* out, int amount, sqlite3_int64 offset, const Change& change) {
    const sqlite3_int64 first = std::max(change.offset, offset);
    const sqlite3_int64 last = std::min<sqlite3_int64>(change.end(), offset + amount);
    if (first >= last) return;
    std::memcpy(out + (first - offset), change.bytes.data() + (first - change.offset),
                static_cast<std::size_t>(last - first));
  }

  mutable Mutex mutex_;
  std::vector<Change> changes_ MCPGATE_GUARDED_BY(mutex_);
};

Mutex files_mutex;
std::map<std::string, std::weak_ptr<Unsynced>>& Files() MCPGATE_REQUIRES(files_mutex) {
  static std::map<std::string, std::weak_ptr<Unsynced>> files;
  return files;
}

std::shared_ptr<Unsynced> UnsyncedOf(const std::string& path) {
  MutexLock lock(files_mutex);
  std::weak_ptr<Unsynced>& slot = Files()[path];
  std::shared_ptr<Unsynced> unsynced = slot.lock();
  if (unsynced == nullptr) slot = unsynced = std::make_shared<Unsynced>();
  return unsynced;
}

// SQLite allocates szOsFile bytes: this, then the file of the VFS below.
struct LossyFile {
  sqlite3_file base;
  std::shared_ptr<Unsynced>* unsynced;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(LossyFile) % 8 == 0);

LossyFile* Of(sqlite3_file* file) { return reinterpret_cast<LossyFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Of(file)->real(); }

int Close(sqlite3_file* file) {
  std::shared_ptr<Unsynced>* unsynced = Of(file)->unsynced;
  {
    MutexLock lock(files_mutex);
    // The last to close in good order loses nothing.
    if (unsynced->use_count() == 1) (*unsynced)->Apply(Real(file));
    delete unsynced;
  }
  return Real(file)->pMethods->xClose(Real(file));
}
int Read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  return (*Of(file)->unsynced)->Read(Real(file), static_cast<char*>(out), amount, offset);
}
int Write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
  const std::string_view view(static_cast<const char*>(bytes), static_cast<std::size_t>(amount));
  return (*Of(file)->unsynced)->Write(Real(file), offset, view);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return (*Of(file)->unsynced)->Truncate(Real(file), size);
}
// Reaching the file is all that a kill of the process asks for; the disk under it need not be synced.
int Sync(sqlite3_file* file, int) { return (*Of(file)->unsynced)->Apply(Real(file)); }
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const int code = Real(file)->pMethods->xFileSize(Real(file), size);
  if (code == SQLITE_OK) *size = (*Of(file)->unsynced)->Size(*size);
  return code;
}
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), held);
}
int FileControl(sqlite3_file* file, int what, void* argument) {
  // These would grow or map the file behind the back of what is kept here.
  if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
  if (what == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
  return Real(file)->pMethods->xFileControl(Real(file), what, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file)) & ~SQLITE_IOCAP_BATCH_ATOMIC;
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Real(file)->pMethods->xShmUnmap(Real(file), remove); }

// Version 2: shared memory, but no memory mapping of the file itself.
const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

sqlite3_vfs* below = nullptr;  // set once, before any file is opened
sqlite3_vfs lossy;

int Open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  LossyFile* mine = Of(file);
  const int code = below->xOpen(below, path, mine->real(), flags, out_flags);
  mine->base.pMethods = nullptr;
  if (code != SQLITE_OK) return code;
  mine->unsynced =
      new std::shared_ptr<Unsynced>(path == nullptr ? std::make_shared<Unsynced>() : UnsyncedOf(path));
  mine->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs*, const char* path, int sync_directory) {
  {
    MutexLock lock(files_mutex);
    Files().erase(path);
  }
  return below->xDelete(below, path, sync_directory);
}

}  // namespace

void RegisterLossyVfs() {
  static const bool once = [] {
    below = sqlite3_vfs_find(nullptr);
    lossy = *below;  // everything that is not about files is the other's
    lossy.zName = "lossy";
    lossy.szOsFile = static_cast<int>(sizeof(LossyFile)) + below->szOsFile;
    lossy.xOpen = &Open;
    lossy.xDelete = &Delete;
    sqlite3_vfs_register(&lossy, /*makeDflt=*/1);
    return true;
  }();
  (void)once;
}

void SetTornWrites(unsigned sixteenths) { torn_sixteenths = sixteenths; }

std::size_t UnsyncedChanges() {
  MutexLock lock(files_mutex);
  std::size_t count = 0;
  for (const auto& [path, slot] : Files())
    if (const std::shared_ptr<Unsynced> unsynced = slot.lock()) count += unsynced->count();
  return count;
}

}  // namespace mcpgate::testing
