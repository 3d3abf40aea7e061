// Workloads in this process:
//   gate     one whole decision (admit and finish): 100,000 keys, 4 limits in memory, audit queued to SQLite,
//   beside one
//            keyed BLAKE2b of a key
//   audit    durable records from 64 callers, beside a bare writer that only groups rows of the same size
//   into commits post     one posting call (limit and intent durable), beside one commit of the bare writer
#include <sqlite3.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "bench/limits.h"
#include "bench/measure.h"
#include "mcpgate/gate.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/sqlite.h"
#include "support/temp_dir.h"

namespace mcpgate::bench {
namespace {

constexpr int kRounds = 7;
constexpr int kKeys = 100'000;
constexpr int kCallers = 64;

/// The ceiling of durable rows: one thread, one table, rows of equal size grouped into commits, nothing else.
class BareWriter {
 public:
  explicit BareWriter(const std::string& path) {
    sqlite3_open(path.c_str(), &db_);
    sqlite3_exec(db_,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows(id INTEGER PRIMARY "
                 "KEY, body BLOB)",
                 nullptr, nullptr, nullptr);
    sqlite3_prepare_v2(db_, "INSERT INTO rows(body) VALUES(?)", -1, &insert_, nullptr);
    thread_ = std::thread([this] { Run(); });
  }
  ~BareWriter() {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  /// Returns when the row is on disk.
  void Write(const std::string& row) {
    std::unique_lock lock(mutex_);
    queue_.push_back(row);
    const std::uint64_t mine = ++accepted_;
    wake_.notify_one();
    done_.wait(lock, [&] { return durable_ >= mine; });
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      std::vector<std::string> group;
      group.swap(queue_);
      lock.unlock();
      sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
      for (const std::string& row : group) {
        sqlite3_bind_blob(insert_, 1, row.data(), static_cast<int>(row.size()), SQLITE_STATIC);
        sqlite3_step(insert_);
        sqlite3_reset(insert_);
      }
      sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
      lock.lock();
      durable_ += group.size();
      done_.notify_all();
    }
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::string> queue_;
  std::uint64_t accepted_ = 0, durable_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

struct Gated {
  explicit Gated(const std::string& directory, std::vector<LimitPolicy> limits)
      : storage(Must(SqliteStorage::Open({.directory = directory}))) {
    memory_keys = NewMemoryKeyStore();
    keyring = Must(Keyring::New({.store = memory_keys, .root_key = storage->root_key()}));
    gate = Must(Gate::New({.keyring = keyring,
                           .audit = storage->audit(),
                           .limiter = NewTieredRateLimiter(NewLocalRateLimiter(), storage->limiter()),
                           .limits = std::move(limits)}));
  }

  std::unique_ptr<SqliteStorage> storage;
  std::shared_ptr<KeyStore> memory_keys;
  std::shared_ptr<Keyring> keyring;
  std::unique_ptr<Gate> gate;
};

/// In which order the callers come: at random, so that most of what belongs to one is out of the processor's
/// caches.
std::vector<const Credentials*> RandomOrder(const std::vector<Credentials>& callers, std::mt19937& random) {
  constexpr int kCalls = 40'000;  // fewer than the audit queue holds, so that only the gate is timed
  std::vector<const Credentials*> order;
  for (int i = 0; i < kCalls; ++i) order.push_back(&callers[random() % callers.size()]);
  return order;
}

double HashNanos(const std::vector<const Credentials*>& order, const Secret& pepper) {
  std::uint8_t sum = 0;
  const auto start = SteadyClock::now();
  for (const Credentials* caller : order) {
    sum = static_cast<std::uint8_t>(sum ^ KeyedHash(pepper, "bench", RevealSecret(caller->api_key))[0]);
  }
  const double nanos = SecondsSince(start) / static_cast<double>(order.size()) * 1e9;
  if (sum == 1) std::fputc(0, stderr);  // the hashes must not be optimised away
  return nanos;
}

double DecisionNanos(Gated& gated, const std::vector<const Credentials*>& order, std::string_view arguments) {
  const Action look = {
      .name = "look", .role = Role::kReader, .effect = false, .request = "7", .arguments = arguments};
  const auto start = SteadyClock::now();
  for (const Credentials* caller : order) Must(gated.gate->Admit(*caller, look)).Finish();
  const double nanos = SecondsSince(start) / static_cast<double>(order.size()) * 1e9;
  Must(gated.storage->audit()->Flush());
  return nanos;
}

bool BenchGate(Json& results) {
  std::printf("gate: one decision, %d keys, 4 limits in memory, audit queued to SQLite; %d rounds\n", kKeys,
              kRounds);
  testing::TempDir directory;
  Gated gated(directory / "data", FourLimits());
  std::vector<Credentials> callers;
  for (int i = 0; i < kKeys; ++i) {
    auto issued = Must(gated.keyring->admin().Issue(TenantScope::Operator(),
                                                    {.name = "bench", .grants = {.role = Role::kReader}}));
    callers.push_back({.api_key = issued.token, .source = "bench"});
  }
  std::mt19937 random(1);
  for (int i = 0; i < 5; ++i)
    DecisionNanos(gated, RandomOrder(callers, random), "");  // fills the tables of keys and counters
  std::vector<double> hashes, decisions, digested;
  for (int round = 0; round < kRounds; ++round) {
    hashes.push_back(HashNanos(RandomOrder(callers, random), gated.storage->root_key()));
    decisions.push_back(DecisionNanos(gated, RandomOrder(callers, random), ""));
    digested.push_back(
        DecisionNanos(gated, RandomOrder(callers, random), R"({"channel_id":"41771983423143937"})"));
  }
  Row("one keyed BLAKE2b of a key", SpreadOf(hashes), "ns");
  Row("one whole decision, admit and finish", SpreadOf(decisions), "ns");
  Row("the same, with arguments to digest", SpreadOf(digested), "ns");
  return Ratio(results, "decision / BLAKE2b", SpreadOf(decisions).median / SpreadOf(hashes).median,
               "<=", 5.0);
}

/// Rows a second that `write` makes durable from 64 threads.
template <typename Write>
double RowsPerSecond(Write write) {
  constexpr int kEach = 400;
  std::vector<std::thread> callers;
  const auto start = SteadyClock::now();
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&write] {
      for (int row = 0; row < kEach; ++row) write();
    });
  }
  for (std::thread& caller : callers) caller.join();
  return kCallers * kEach / SecondsSince(start);
}

AuditRecord SampleRecord() {
  return {.time = Clock::System().Now(),
          .phase = AuditPhase::kIntent,
          .outcome = AuditOutcome::kAllow,
          .call = "0a1b2c3d4e5f-123456",
          .action = "discord_send_message",
          .tenant = "default",
          .key = "7Qx0aZ3LmP9t",
          .source = "bench",
          .request = "42",
          .args_digest = std::string(32, 'd'),
          .args_bytes = 120,
          .fields = {{"channel_id", "41771983423143937"}}};
}

bool BenchAudit(Json& results) {
  std::printf("audit: durable records from %d callers; %d rounds\n", kCallers, kRounds);
  testing::TempDir directory;
  auto storage = Must(SqliteStorage::Open({.directory = directory / "data"}));
  BareWriter bare(directory / "bare.db");
  std::string text;
  AppendAuditJson(text, SampleRecord());
  const std::string row(text.size() + 32, 'x');  // the chained hash is part of a row
  const auto sink = storage->audit();
  std::vector<double> ours, ceiling;
  for (int round = 0; round < kRounds; ++round) {
    ceiling.push_back(RowsPerSecond([&] { bare.Write(row); }));
    ours.push_back(RowsPerSecond([&] { Must(sink->Append(SampleRecord(), AuditDurability::kBefore)); }));
  }
  Row("bare group-commit writer", SpreadOf(ceiling), "row/s");
  Row("chained audit records", SpreadOf(ours), "row/s");
  return Ratio(results, "audit / bare writer", SpreadOf(ours).median / SpreadOf(ceiling).median, ">=", 0.55);
}

template <typename Act>
Spread MedianMicros(int times, Act act) {
  std::vector<double> micros;
  for (int i = 0; i < times; ++i) {
    const auto start = SteadyClock::now();
    act();
    micros.push_back(SecondsSince(start) * 1e6);
  }
  return SpreadOf(std::move(micros));
}

void BenchPost() {
  constexpr int kPosts = 500;
  std::printf("post: one posting call at a time, its limit and its intent on disk before it runs; %d calls\n",
              kPosts);
  testing::TempDir directory;
  LimitPolicy posting = PostingLimit();
  posting.algorithm = LimitAlgorithm::kExact;
  posting.limit = 64;
  posting.window = std::chrono::hours(1);
  Gated gated(directory / "data", {posting});
  BareWriter bare(directory / "bare.db");
  std::vector<Credentials> callers;
  for (int i = 0; i < 20; ++i) {
    callers.push_back(
        {.api_key = Must(gated.keyring->admin().Issue(TenantScope::Operator(),
                                                      {.name = "b", .grants = {.role = Role::kWriter}}))
                        .token});
  }
  const Action post = {
      .name = "post", .role = Role::kWriter, .limit_class = "posting", .arguments = R"({"content":"hello"})"};
  int calls = 0;
  const Spread commit = MedianMicros(kPosts, [&] { bare.Write(std::string(350, 'x')); });
  const Spread ours = MedianMicros(
      kPosts, [&] { Must(gated.gate->Admit(callers[calls++ % callers.size()], post)).Finish(); });
  Row("bare writer, one commit", commit, "us");
  Row("posting call through the gate", ours, "us");
}

}  // namespace
}  // namespace mcpgate::bench

int main(int argc, char** argv) {
  using namespace mcpgate;
  Json results = Json::array();
  const std::string_view only = argc > 1 ? argv[1] : "";
  if (only.empty() || only == "gate") bench::BenchGate(results);
  if (only.empty() || only == "audit") bench::BenchAudit(results);
  if (only.empty() || only == "post") bench::BenchPost();
  bench::WriteResults(results);
  return 0;
}
