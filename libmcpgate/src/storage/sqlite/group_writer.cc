#include "storage/sqlite/group_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/sqlite/data_directory.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

// A bigger group gains nothing, makes its first request wait, and its commit takes a core for longer at once.
constexpr std::size_t kGroupSize = 1024;
// 4 MiB, SQLite's own default. A shorter log makes checkpoints shorter and so frequent that, on one saturated
// core, one call in a hundred meets one.
constexpr int kCheckpointBytes = 4 << 20;
constexpr Nanos kRetryEvery = std::chrono::milliseconds(250);

// Answers by which a request says that it looked before it wrote.
bool ChangedNothing(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsAlreadyExists(status) || absl::IsAborted(status) ||
         absl::IsInvalidArgument(status);
}

}  // namespace

// How many of `rest` make one group.
std::size_t GroupWriter::GroupEnd(std::span<const Request> rest) {
  std::size_t count = 0;
  for (std::size_t weight = 0; count < rest.size() && weight < kGroupSize; ++count)
    weight += rest[count]->weight_;
  return count;
}

GroupWriter::GroupWriter(GroupWriterOptions options, Tables& tables)
    : options_(std::move(options)),
      name_(options_.path.substr(options_.path.rfind('/') + 1)),
      tables_(tables),
      lock_(options_.path + ".lock"),
      checkpoint_pages_(kCheckpointBytes / options_.page_size),
      checkpoint_at_(checkpoint_pages_) {}

absl::StatusOr<std::unique_ptr<GroupWriter>> GroupWriter::Start(GroupWriterOptions options, Tables& tables) {
  std::unique_ptr<GroupWriter> writer(new GroupWriter(std::move(options), tables));
  absl::Status status = writer->Open();
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  writer->NoteHealth(status);
  writer->thread_ = std::thread([raw = writer.get()] { raw->Run(); });
  return writer;
}

void GroupWriter::Stop() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

absl::Status GroupWriter::Open() {
  if (absl::Status status = lock_.Acquire(options_.deadline); !status.ok()) return status;
  absl::Status status = OpenLocked();
  lock_.Release();
  return status;
}

absl::Status GroupWriter::OpenLocked() {
  if (db_ != nullptr) return absl::OkStatus();
  if (absl::Status status = CreatePrivateFile(options_.path); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Database>> db =
      Database::Open(options_.path, Database::Mode::kWrite, options_.deadline, options_.page_size);
  if (!db.ok()) return db.status();
  absl::Status status = tables_.Attach(**db);
  status.Update(PrepareInto(**db, begin_, "BEGIN IMMEDIATE"));
  status.Update(PrepareInto(**db, commit_, "COMMIT"));
  status.Update(PrepareInto(**db, rollback_, "ROLLBACK"));
  const absl::StatusOr<std::int64_t> version = (*db)->Number("PRAGMA user_version");
  status.Update(version.status());
  if (!status.ok()) return status;
  status.Update(PrepareInto(**db, probe_, fmt::format("PRAGMA user_version={}", *version)));
  if (!status.ok()) return status;
  db_ = *std::move(db);
  return absl::OkStatus();
}

// ---- the callers' side ----

std::string GroupWriter::TooLate(std::string_view state) const {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(options_.deadline).count();
  return fmt::format("{}: not durable within {} ms, {}; its disk is slow or another process holds {}.lock",
                     name_, millis, state, name_);
}

absl::Status GroupWriter::Closed() const { return absl::UnavailableError(fmt::format("{}: closed", name_)); }

absl::Status GroupWriter::WaitForRoom(CondLock& lock, Moment until) {
  ++waiting_for_room_;
  const bool room = room_.wait_until(lock, until, [this] { return HasRoom(); });
  --waiting_for_room_;
  return room ? absl::OkStatus() : absl::UnavailableError(TooLate("the queue is full"));
}

void GroupWriter::Enqueue(Request request) {
  if (incoming_.empty()) oldest_ = std::chrono::steady_clock::now();
  unanswered_.fetch_add(request->weight_, std::memory_order_relaxed);
  incoming_weight_ += request->weight_;
  incoming_.push_back(std::move(request));
}

absl::Status GroupWriter::Write(Request request) {
  const Moment until = std::chrono::steady_clock::now() + options_.deadline;
  WriteRequest& mine = *request;
  mine.waited_for_ = true;
  CondLock lock(mutex_);
  if (!HasRoom()) {
    if (absl::Status status = WaitForRoom(lock, until); !status.ok()) return status;
  }
  if (stopping_) return Closed();
  Enqueue(request);
  if (++waiting_in_queue_ == 1) work_.notify_one();
  done_.wait_until(lock, until,
                   [&]() MCPGATE_REQUIRES(mutex_) { return StageOf(mine) == WriteRequest::Stage::kDone; });
  if (StageOf(mine) == WriteRequest::Stage::kDone) return std::move(mine.result_);
  if (StageOf(mine) == WriteRequest::Stage::kTaken)
    return absl::UnavailableError(TooLate("and it may yet be"));
  StageOf(mine) = WriteRequest::Stage::kAbandoned;
  --waiting_in_queue_;
  return absl::UnavailableError(TooLate("and taken back"));
}

absl::Status GroupWriter::Queue(Request request) {
  MutexLock lock(mutex_);
  if (absl::IsDataLoss(health_)) return absl::UnavailableError(health_.message());
  if (stopping_) return Closed();
  if (!HasRoom())
    return absl::ResourceExhaustedError(
        fmt::format("{}: {} records wait to be written already", name_, options_.max_queue));
  const std::size_t before = incoming_weight_;
  Enqueue(std::move(request));
  if (before == 0 || (before < kGroupSize && incoming_weight_ >= kGroupSize)) work_.notify_one();
  return absl::OkStatus();
}

absl::Status GroupWriter::AwaitRoom() {
  if (HasRoom() && !broken_.load(std::memory_order_relaxed)) return absl::OkStatus();
  CondLock lock(mutex_);
  if (absl::IsDataLoss(health_)) return absl::UnavailableError(health_.message());
  return WaitForRoom(lock, std::chrono::steady_clock::now() + options_.deadline);
}

void GroupWriter::Nudge() {
  {
    MutexLock lock(mutex_);
    nudged_ = true;
  }
  work_.notify_one();
}

absl::Status GroupWriter::Health() const {
  MutexLock lock(mutex_);
  return health_;
}

// ---- the writer's side ----

void GroupWriter::Run() {
  while (TakeBatch()) {
    absl::Status status = WriteBatch();
    if (status.ok()) continue;
    // First: whoever is refused and then asks for the health must hear of it.
    NoteHealth(status);
    Refuse(status);
  }
  std::size_t lost = 0;
  for (Request& request : batch_) lost += request->Records();
  if (lost > 0)
    Say(fmt::format("mcpgate: {}: closed while it did not answer; {} queued records are lost", name_, lost));
  if (db_ != nullptr && lock_.TryAcquire()) {
    // An empty log lets the next process start without reading it.
    (void)db_->Checkpoint(/*truncate=*/true);
    lock_.Release();
  }
}

bool GroupWriter::IsDue(Moment now) const {
  if (waiting_in_queue_ > 0 || stopping_) return true;
  if (!health_.ok()) return now >= retry_at_;
  if (nudged_ || incoming_weight_ >= kGroupSize) return true;
  return !incoming_.empty() && now >= oldest_ + options_.linger;
}

GroupWriter::Moment GroupWriter::NextMoment() const {
  if (!health_.ok()) return retry_at_;
  return incoming_.empty() ? Moment::max() : oldest_ + options_.linger;
}

bool GroupWriter::TakeBatch() {
  CondLock lock(mutex_);
  while (!IsDue(std::chrono::steady_clock::now())) {
    const Moment next = NextMoment();
    if (next == Moment::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, next);
    }
  }
  if (stopping_ && incoming_.empty() && !nudged_ && (batch_.empty() || last_attempt_)) return false;
  last_attempt_ = stopping_;
  nudged_ = false;
  waiting_in_queue_ = 0;
  for (Request& request : incoming_) {
    if (StageOf(*request) == WriteRequest::Stage::kAbandoned) {
      unanswered_.fetch_sub(request->weight_, std::memory_order_relaxed);
      continue;
    }
    StageOf(*request) = WriteRequest::Stage::kTaken;
    batch_.push_back(std::move(request));
  }
  incoming_.clear();
  incoming_weight_ = 0;
  return true;
}

absl::Status GroupWriter::WriteBatch() {
  std::span<Request> rest(batch_);
  do {
    const std::span<Request> group = rest.first(GroupEnd(rest));
    if (absl::Status status = WriteGroup(group); !status.ok()) return status;
    rest = rest.subspan(group.size());
  } while (!rest.empty());
  batch_.clear();
  return absl::OkStatus();
}

absl::Status GroupWriter::WriteGroup(std::span<Request> group) {
  if (absl::Status status = lock_.Acquire(options_.deadline); !status.ok()) return status;
  absl::Status status = OpenLocked();
  if (status.ok()) status = Transact(group);
  if (status.ok()) {
    NoteHealth(status);
    Answer(group);
    CheckpointIfDue();
  }
  lock_.Release();
  return status;
}

absl::Status GroupWriter::Transact(std::span<Request> group) {
  if (absl::Status status = db_->StillThere(); !status.ok()) return status;
  // Nobody's request is a probe of the disk.
  const bool needs_sync = group.empty() || std::any_of(group.begin(), group.end(),
                                                       [](const Request& r) { return r->NeedsSync(); });
  if (absl::Status status = db_->SetSync(needs_sync); !status.ok()) return status;
  if (absl::Status status = begin_.Run(); !status.ok()) return status;
  absl::Status status = tables_.BeginGroup();
  if (status.ok()) status = ApplyAll(group);
  if (status.ok() && group.empty()) status = probe_.Run();  // only a write tells whether the disk is well
  if (status.ok()) status = tables_.EndGroup();
  if (status.ok()) status = commit_.Run();
  if (!status.ok()) Undo();
  tables_.GroupEnded(status.ok());
  if (status.ok() || IsStoreFailure(status)) return status;
  if (group.size() > 1) return TransactSingly(group);
  if (group.empty()) return absl::UnavailableError(status.message());
  group.front()->result_ = std::move(status);
  return absl::OkStatus();
}

absl::Status GroupWriter::ApplyAll(std::span<Request> group) {
  for (Request& request : group) {
    absl::Status status = request->Apply();
    if (!status.ok() && !ChangedNothing(status)) return status;
    request->result_ = std::move(status);
  }
  return absl::OkStatus();
}

absl::Status GroupWriter::TransactSingly(std::span<Request> group) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::span<Request> one = group.subspan(i, 1);
    if (absl::Status status = Transact(one); !status.ok()) return status;
    Answer(one);
  }
  return absl::OkStatus();
}

void GroupWriter::Undo() {
  // SQLite may have rolled back by itself, on a full disk for one.
  if (db_->InTransaction()) (void)rollback_.Run();
}

void GroupWriter::CheckpointIfDue() {
  if (db_->wal_pages() < checkpoint_at_) return;
  const absl::StatusOr<bool> complete = db_->Checkpoint(/*truncate=*/false);
  // A reader that stays in the way must not cost a checkpoint at every commit.
  checkpoint_at_ = (complete.ok() && *complete ? 0 : db_->wal_pages()) + checkpoint_pages_;
}

void GroupWriter::Answer(std::span<Request> group) {
  for (Request& request : group) {
    // Once: requests that were tried one by one have been answered before their group is.
    if (!request->waited_for_ && !std::exchange(request->has_settled_, true))
      request->Settled(request->result_);
  }
  bool somebody_wants_room = false;
  {
    MutexLock lock(mutex_);
    for (Request& request : group) {
      if (StageOf(*request) == WriteRequest::Stage::kDone) continue;
      StageOf(*request) = WriteRequest::Stage::kDone;
      unanswered_.fetch_sub(request->weight_, std::memory_order_relaxed);
    }
    somebody_wants_room = waiting_for_room_ > 0;
  }
  done_.notify_all();
  if (somebody_wants_room) room_.notify_all();
}

void GroupWriter::Refuse(const absl::Status& reason) {
  {
    MutexLock lock(mutex_);
    for (Request& request : batch_) {
      if (StageOf(*request) == WriteRequest::Stage::kDone || !request->waited_for_) continue;
      request->result_ = absl::UnavailableError(reason.message());
      StageOf(*request) = WriteRequest::Stage::kDone;
      unanswered_.fetch_sub(request->weight_, std::memory_order_relaxed);
    }
    std::erase_if(batch_, [this](const Request& request) MCPGATE_REQUIRES(mutex_) {
      return StageOf(*request) == WriteRequest::Stage::kDone;
    });
    retry_at_ = std::chrono::steady_clock::now() + kRetryEvery;
  }
  done_.notify_all();
  room_.notify_all();
}

void GroupWriter::NoteHealth(const absl::Status& status) {
  bool was_well = true;
  {
    MutexLock lock(mutex_);
    was_well = health_.ok();
    health_ = status;
    broken_.store(absl::IsDataLoss(status), std::memory_order_relaxed);
  }
  const Moment now = std::chrono::steady_clock::now();
  if (was_well && !status.ok()) {
    failing_since_ = now;
    Say(fmt::format("mcpgate: the store stopped answering: {}", std::string(status.message())));
  } else if (!was_well && status.ok()) {
    const auto seconds = std::chrono::duration<double>(now - failing_since_).count();
    Say(fmt::format("mcpgate: {} answers again after {:.1f} s", name_, seconds));
  }
}

void GroupWriter::Say(std::string_view line) const {
  if (options_.log) options_.log(line);
}

}  // namespace mcpgate::sqlite
