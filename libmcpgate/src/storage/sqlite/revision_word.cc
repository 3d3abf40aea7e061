#include "storage/sqlite/revision_word.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace mcpgate::sqlite {
namespace {

using Word = std::atomic_ref<std::uint64_t>;
static_assert(Word::is_always_lock_free, "a lock would not be shared between processes");

}  // namespace

absl::StatusOr<std::unique_ptr<RevisionWord>> RevisionWord::Map(const std::string& path,
                                                                const std::string& lock_path) {
  const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat found;
  // Only ever grown: a page cut away under a mapping kills the process that reads it.
  const bool sized = file.is_open() && fstat(file.get(), &found) == 0 &&
                     (found.st_size >= static_cast<off_t>(sizeof(std::uint64_t)) ||
                      ftruncate(file.get(), sizeof(std::uint64_t)) == 0);
  void* memory = sized
                     ? mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0)
                     : MAP_FAILED;
  const int error = errno;
  if (memory == MAP_FAILED)
    return absl::FailedPreconditionError(fmt::format("{}: cannot be mapped: {}", path, std::strerror(error)));
  return std::unique_ptr<RevisionWord>(new RevisionWord(static_cast<std::uint64_t*>(memory), lock_path));
}

RevisionWord::~RevisionWord() { munmap(word_, sizeof(std::uint64_t)); }

std::uint64_t RevisionWord::Read() {
  const std::uint64_t revision = Word(*word_).load(std::memory_order_acquire);
  if (revision % 2 == 0) return revision;
  if (!mutex_.try_lock()) return revision;
  MutexLock mine(mutex_, std::adopt_lock);
  if (!lock_.TryAcquire()) return revision;
  EndChange();
  lock_.Release();
  return Word(*word_).load(std::memory_order_acquire);
}

void RevisionWord::BeginChange() { Word(*word_).fetch_or(1, std::memory_order_seq_cst); }

void RevisionWord::EndChange() {
  Word word(*word_);
  const std::uint64_t revision = word.load(std::memory_order_acquire);
  if (revision % 2 == 1) word.store(revision + 1, std::memory_order_seq_cst);
}

}  // namespace mcpgate::sqlite
