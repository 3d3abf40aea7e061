// The gate on a store that is harmed: no effect without its intent, refused within the deadline, told by the
// health.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fixture.h"
#include "mcpgate/audit_fan_out.h"
#include "mcpgate/audit_lines.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/key_admin.h"
#include "storage/sqlite/file_lock.h"

namespace mcpgate::testing {
namespace {

constexpr Action kEffect = {.name = "post", .role = Role::kReader, .effect = true};
constexpr auto kDeadline = std::chrono::milliseconds(60);

/// A process that took the writer's lock and was stopped while it held it.
class StoppedHolder {
 public:
  explicit StoppedHolder(const std::string& path) : pid_(fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      sqlite::FileLock lock(path);
      const bool held = lock.Acquire(std::chrono::seconds(60)).ok();
      if (!held) _exit(1);
      for (;;) raise(SIGSTOP);  // whoever wakes it finds it asleep again
    }
    int status = 0;
    REQUIRE(waitpid(pid_, &status, WUNTRACED) == pid_);
    REQUIRE(WIFSTOPPED(status));
  }
  ~StoppedHolder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  StoppedHolder(const StoppedHolder&) = delete;
  StoppedHolder& operator=(const StoppedHolder&) = delete;

 private:
  const pid_t pid_;
};

/// No file of this process grows: a disk without room.
class FullDisk {
 public:
  FullDisk() : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{.rlim_cur = 1, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  const sighandler_t handler_;
  rlimit before_{};
};

/// A file that is away for a while.
class Away {
 public:
  explicit Away(std::string path) : path_(std::move(path)) {
    std::filesystem::rename(path_, path_ + ".away");
  }
  ~Away() { std::filesystem::rename(path_ + ".away", path_); }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;

 private:
  const std::string path_;
};

/// A gate on a data directory; its records go to audit.db and, with `lines`, to a file as well.
struct GuardedEffects {
  explicit GuardedEffects(bool lines) {
    SqliteOptions options = data.Options();
    options.deadline = kDeadline;
    options.clock = &Clock::System();
    storage = DataDirectory::Open(options);
    audit = storage->audit();
    if (lines) {
      auto file =
          NewAuditLines({.path = data.File("audit.jsonl"), .chain_key = Secret(std::string(32, 'k'))});
      REQUIRE(file.ok());
      auto fan_out = FanOutSink::New(
          {.members = {{.name = "lines", .sink = *std::move(file)}, {.name = "db", .sink = storage->audit()}},
           .deadline = kDeadline});
      REQUIRE(fan_out.ok());
      audit = *std::move(fan_out);
    }
    keyring = *Keyring::New({.store = NewMemoryKeyStore(), .root_key = storage->root_key()});
    gate = *Gate::New({.keyring = keyring, .audit = audit, .limiter = NewLocalRateLimiter()});
    credentials = {.api_key = keyring->admin().Issue(TenantScope::Operator(), {.name = "k"})->token,
                   .source = "test"};
  }

  /// Whether the effect ran; `between` happens while it does.
  bool Try(const std::function<void()>& between = [] {}) {
    const auto begin = std::chrono::steady_clock::now();
    absl::StatusOr<Admission> admission = gate->Admit(credentials, kEffect);
    longest = std::max(longest, std::chrono::steady_clock::now() - begin);
    if (!admission.ok()) {
      const auto refusal = RefusalOf(admission.status());
      REQUIRE(refusal.has_value());
      CHECK(refusal->code == Refusal::kAuditUnavailable);
      return false;
    }
    ++effects;
    between();
    admission->Finish(absl::OkStatus());
    return true;
  }
  void TryUntilItRuns() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!Try()) REQUIRE(std::chrono::steady_clock::now() < patience);
  }
  /// Whether a health check hears of it: from the storage, or from the place that failed first.
  bool IsTold() const {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (storage->Health().ok() && audit->Ready().ok()) {
      if (std::chrono::steady_clock::now() > patience) return false;
    }
    return true;
  }
  /// Phases of all calls in the trail, by call.
  std::map<std::string, std::string> Calls() const {
    const auto records = storage->trail()->Read(TenantScope::Operator(), {.limit = 10'000, .action = "post"});
    REQUIRE(records.ok());
    std::map<std::string, std::string> calls;
    for (const StoredAudit& record : *records) {
      const auto json = ParseJson(record.body);
      calls[StringOr(*json, "call", "")] +=
          StringOr(*json, "phase", "?") + " " + StringOr(*json, "outcome", "?") + ";";
    }
    return calls;
  }
  void CheckTrail() {
    while (!audit->Flush().ok()) continue;
    CHECK(storage->trail()->Verify().state == AuditVerdict::State::kIntact);
    int ran = 0, wrong = 0;
    for (const auto& [call, phases] : Calls()) {
      ran += phases == "intent allow;outcome ok;" ? 1 : 0;
      // A refused call may have left its intent, even late; then its outcome says that nothing ran.
      const bool refused = phases.find("outcome deny;") != phases.npos && phases.find("ok") == phases.npos;
      wrong += phases == "intent allow;outcome ok;" || refused ? 0 : 1;
      CAPTURE(phases);
      CHECK(wrong == 0);
    }
    CHECK(ran == effects);
  }

  DataDirectory data;
  std::unique_ptr<SqliteStorage> storage;
  std::shared_ptr<AuditSink> audit;
  std::shared_ptr<Keyring> keyring;
  std::unique_ptr<Gate> gate;
  Credentials credentials;
  int effects = 0;
  std::chrono::steady_clock::duration longest{0};
};

using Harm = std::function<std::shared_ptr<void>(const DataDirectory&)>;

const std::vector<std::pair<std::string, Harm>>& Harms() {
  static const std::vector<std::pair<std::string, Harm>> harms = {
      {"the disk is full", [](const DataDirectory&) { return std::make_shared<FullDisk>(); }},
      {"audit.db is taken away",
       [](const DataDirectory& data) { return std::make_shared<Away>(data.File("audit.db")); }},
      {"a process that holds the writer's lock is stopped",
       [](const DataDirectory& data) { return std::make_shared<StoppedHolder>(data.File("audit.db.lock")); }},
  };
  return harms;
}

void HarmBeforeTheIntent(bool lines) {
  for (const auto& [name, harm] : Harms()) {
    CAPTURE(name);
    GuardedEffects guarded(lines);
    REQUIRE(guarded.Try());
    {
      const auto harmed = harm(guarded.data);
      for (int i = 0; i < 3; ++i) CHECK_FALSE(guarded.Try());
      CHECK(guarded.longest < kDeadline + std::chrono::seconds(20));  // a loaded machine's
      CHECK(guarded.IsTold());
    }
    guarded.TryUntilItRuns();
    guarded.CheckTrail();
    CHECK(guarded.storage->Health().ok());
  }
}

void HarmBeforeTheOutcome(bool lines) {
  for (const auto& [name, harm] : Harms()) {
    CAPTURE(name);
    GuardedEffects guarded(lines);
    std::shared_ptr<void> harmed;
    CHECK(guarded.Try([&] { harmed = harm(guarded.data); }));
    CHECK_FALSE(guarded.Try());
    CHECK(guarded.IsTold());
    harmed.reset();
    guarded.TryUntilItRuns();
    guarded.CheckTrail();
  }
}

TEST_CASE("a harm before the intent: nothing runs, and it is told") { HarmBeforeTheIntent(false); }
TEST_CASE("a harm before the outcome: what ran is on record, nothing more runs") {
  HarmBeforeTheOutcome(false);
}
TEST_CASE("a harm before the intent, with a second required place") { HarmBeforeTheIntent(true); }
TEST_CASE("a harm before the outcome, with a second required place") { HarmBeforeTheOutcome(true); }

}  // namespace
}  // namespace mcpgate::testing
