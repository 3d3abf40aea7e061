// Slow, full or gone: what the sink declares.
#include <doctest/doctest.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "fixture.h"
#include "mcpgate/json.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::testing {
namespace {

/// Lines the storage says, from its threads.
class Lines {
 public:
  std::function<void(std::string_view)> Sink() {
    return [this](std::string_view line) {
      MutexLock lock(mutex_);
      lines_.emplace_back(line);
    };
  }
  std::vector<std::string> Said() const {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ MCPGATE_GUARDED_BY(mutex_);
};

/// No file of this process grows beyond what it holds now: a disk without room.
class FullDisk {
 public:
  FullDisk() {
    before_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{.rlim_cur = 1, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, before_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  sighandler_t before_handler_ = nullptr;
};

std::vector<std::string> Actions(SqliteStorage& storage) {
  std::vector<std::string> actions;
  const auto records = storage.trail()->Read(TenantScope::Operator(), {.limit = 1000});
  REQUIRE(records.ok());
  for (const StoredAudit& record : *records) {
    const auto body = ParseJson(record.body);
    REQUIRE(body.ok());
    actions.push_back(StringOr(*body, "action", ""));
  }
  return actions;
}

using Texts = std::vector<std::string>;

SqliteOptions ShortDeadline(const DataDirectory& data) {
  SqliteOptions options = data.Options();
  options.deadline = std::chrono::milliseconds(30);
  return options;
}

TEST_CASE(
    "while another process holds the lock, effects are refused at the deadline and nothing is left of them") {
  const DataDirectory data;
  Lines lines;
  SqliteOptions options = ShortDeadline(data);
  options.log = lines.Sink();
  const auto storage = DataDirectory::Open(options);
  sqlite::FileLock other(data.File("audit.db.lock"));
  REQUIRE(other.Acquire(std::chrono::seconds(2)).ok());
  const absl::Status refused = storage->audit()->Append(Record("effect"), AuditDurability::kBefore);
  CHECK(absl::IsUnavailable(refused));
  CHECK(std::string(refused.message()).find("audit.db") != std::string::npos);
  CHECK(storage->audit()->Append(Record("read"), AuditDurability::kQueued).ok());
  CHECK(absl::IsUnavailable(storage->audit()->Flush()));
  CHECK_FALSE(storage->Health().ok());
  other.Release();
  while (!storage->audit()->Flush().ok()) continue;
  CHECK(storage->Health().ok());
  CHECK(Actions(*storage) == Texts{"read"});
  const std::vector<std::string> said = lines.Said();
  REQUIRE(said.size() == 2);
  CHECK(said[0].find("stopped answering") != std::string::npos);
  CHECK(said[1].find("answers again") != std::string::npos);
}

TEST_CASE("keys and limits are refused at the deadline as well") {
  const DataDirectory data;
  const auto storage = DataDirectory::Open(ShortDeadline(data));
  sqlite::FileLock other(data.File("gate.db.lock"));
  REQUIRE(other.Acquire(std::chrono::seconds(2)).ok());
  CHECK(absl::IsUnavailable(storage->keys()->Insert({.id = "new"})));
  const LimitPolicy posting = PostingLimit();
  const LimitCharge charge{.policy = &posting, .partition = "family"};
  CHECK(absl::IsUnavailable(storage->limiter()->Take({&charge, 1}, nullptr).status()));
  CHECK(storage->keys()->Find("new").ok());  // reading goes on
  other.Release();
  absl::Status inserted = storage->keys()->Insert({.id = "later"});
  while (absl::IsUnavailable(inserted)) inserted = storage->keys()->Insert({.id = "later"});
  CHECK(inserted.ok());
}

TEST_CASE(
    "a disk without room refuses effects at once, keeps what is queued, and writes it when there is room") {
  const DataDirectory data;
  Lines lines;
  SqliteOptions options = data.Options();
  options.log = lines.Sink();
  const auto storage = DataDirectory::Open(options);
  REQUIRE(storage->audit()->Append(Record("first"), AuditDurability::kBefore).ok());
  {
    const FullDisk full;
    CHECK(absl::IsUnavailable(storage->audit()->Append(Record("effect"), AuditDurability::kBefore)));
    CHECK(storage->audit()->Append(Record("read"), AuditDurability::kQueued).ok());
    CHECK(absl::IsUnavailable(storage->audit()->Append(Record("effect"), AuditDurability::kBefore)));
    CHECK(absl::IsUnavailable(storage->audit()->Flush()));
    CHECK_FALSE(storage->Health().ok());
  }
  CHECK(storage->audit()->Flush().ok());
  CHECK(Actions(*storage) == Texts{"first", "read"});
  CHECK(storage->trail()->Verify().state == AuditVerdict::State::kIntact);
  CHECK(lines.Said().size() == 2);
}

TEST_CASE("a store whose file is taken away refuses, and goes on when it is put back") {
  const DataDirectory data;
  const auto storage = data.Open();
  REQUIRE(storage->audit()->Append(Record("first"), AuditDurability::kBefore).ok());
  std::filesystem::rename(data.File("audit.db"), data.File("away"));
  const absl::Status gone = storage->audit()->Append(Record("lost?"), AuditDurability::kBefore);
  CHECK(absl::IsUnavailable(gone));
  CHECK(std::string(gone.message()).find("moved or deleted") != std::string::npos);
  std::filesystem::rename(data.File("away"), data.File("audit.db"));
  CHECK(storage->audit()->Append(Record("second"), AuditDurability::kBefore).ok());
  CHECK(Actions(*storage) == Texts{"first", "second"});
}

/// A data directory of somebody whom modes of files bind, as they do not bind root. Its work runs in a
/// process of its own.
struct BoundDirectory : DataDirectory {
  static constexpr uid_t kNobody = 65534;

  BoundDirectory() {
    if (geteuid() == 0) REQUIRE(chown(temp.path().c_str(), kNobody, kNobody) == 0);
  }
  int InProcess(const std::function<int()>& work) const {
    return InProcesses({[&] {
             const bool is_bound = geteuid() != 0 || (setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 &&
                                                      setuid(kNobody) == 0);
             return is_bound ? work() : 99;
           }})
        .front();
  }
  // Takes away, or gives back, the right to write: of the directory and of every file in it.
  void SetWritable(bool writable) const {
    const auto owner_write = std::filesystem::perms::owner_write;
    const auto how = writable ? std::filesystem::perm_options::add : std::filesystem::perm_options::remove;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      std::filesystem::permissions(entry.path(), owner_write, how);
    std::filesystem::permissions(path, owner_write, how);
  }
};

TEST_CASE(
    "a directory that has become read-only is not opened, says which, and is whole when it can be written") {
  const BoundDirectory data;
  const auto write = [&](const std::string& action) {
    return [&data, action]() -> int {
      const auto storage = SqliteStorage::Open(ShortDeadline(data));
      if (!storage.ok()) return 1;
      return (*storage)->audit()->Append(Record(action), AuditDurability::kBefore).ok() ? 0 : 2;
    };
  };
  REQUIRE(data.InProcess(write("first")) == 0);
  data.SetWritable(false);
  const auto refused = [&]() -> int {
    const absl::Status status = SqliteStorage::Open(ShortDeadline(data)).status();
    return !status.ok() && status.message().find(data.path) != status.message().npos ? 0 : 1;
  };
  CHECK(data.InProcess(refused) == 0);
  data.SetWritable(true);
  CHECK(data.InProcess(write("second")) == 0);
  const auto read = [&]() -> int {
    const auto storage = SqliteStorage::Open(ShortDeadline(data));
    return Actions(**storage) == Texts{"first", "second"} &&
                   (*storage)->trail()->Verify().state == AuditVerdict::State::kIntact
               ? 0
               : 1;
  };
  CHECK(data.InProcess(read) == 0);
}

TEST_CASE("of a directory that becomes read-only under a process every effect it admits is on record") {
  const BoundDirectory data;
  const auto work = [&]() -> int {
    const auto storage = SqliteStorage::Open(ShortDeadline(data));
    int admitted = (*storage)->audit()->Append(Record("effect"), AuditDurability::kBefore).ok() ? 1 : 0;
    data.SetWritable(false);
    for (int i = 0; i < 20; ++i)
      admitted += (*storage)->audit()->Append(Record("effect"), AuditDurability::kBefore).ok() ? 1 : 0;
    data.SetWritable(true);
    return admitted;
  };
  const int admitted = data.InProcess(work);
  CHECK((admitted >= 1 && admitted <= 21));
  const auto count = [&]() -> int {
    const auto storage = SqliteStorage::Open(data.Options());
    return static_cast<int>(Actions(**storage).size());
  };
  CHECK(data.InProcess(count) == admitted);
}

TEST_CASE("a full queue refuses, is told of by Ready, and the loss is a record once there is room") {
  const DataDirectory data;
  SqliteOptions options = ShortDeadline(data);
  options.audit_queue = 3;
  const auto storage = DataDirectory::Open(options);
  sqlite::FileLock other(data.File("audit.db.lock"));
  REQUIRE(other.Acquire(std::chrono::seconds(2)).ok());
  CHECK(storage->audit()->Ready().ok());
  for (int i = 0; i < 3; ++i) CHECK(storage->audit()->Append(Record("kept"), AuditDurability::kQueued).ok());
  CHECK(absl::IsUnavailable(storage->audit()->Ready()));
  for (int i = 0; i < 2; ++i)
    CHECK(absl::IsResourceExhausted(storage->audit()->Append(Record("lost"), AuditDurability::kQueued)));
  other.Release();
  while (!storage->audit()->Flush().ok()) continue;
  CHECK(storage->audit()->Ready().ok());
  CHECK(Actions(*storage) == Texts{"kept", "kept", "kept", "audit.gap"});
  const auto gap = storage->trail()->Read(TenantScope::Operator(), {.limit = 1, .action = "audit.gap"});
  REQUIRE(gap.ok());
  const auto body = ParseJson(gap->front().body);
  CHECK(StringOr(*FindObject(*body, "fields"), "lost", "") == "2");
  CHECK(StringOr(*body, "class", "") == "system");
}

TEST_CASE("closing writes what is queued") {
  const DataDirectory data;
  {
    SqliteOptions options = data.Options();
    options.audit_linger = std::chrono::milliseconds(50);
    const auto storage = DataDirectory::Open(options);
    for (int i = 0; i < 100; ++i)
      REQUIRE(storage->audit()->Append(Record("queued"), AuditDurability::kQueued).ok());
  }
  const auto storage = data.Open();
  CHECK(storage->trail()->Verify().records == 100);
}

TEST_CASE("a trail that cannot be written at closing says how much is lost") {
  const DataDirectory data;
  Lines lines;
  SqliteOptions options = ShortDeadline(data);
  options.log = lines.Sink();
  auto storage = DataDirectory::Open(options);
  sqlite::FileLock other(data.File("audit.db.lock"));
  REQUIRE(other.Acquire(std::chrono::seconds(2)).ok());
  for (int i = 0; i < 300; ++i)
    REQUIRE(storage->audit()->Append(Record("lost"), AuditDurability::kQueued).ok());
  storage.reset();
  const std::vector<std::string> said = lines.Said();
  REQUIRE_FALSE(said.empty());
  CHECK(said.back().find("300 queued") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate::testing
