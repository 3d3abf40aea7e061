#include "audit/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace mcpgate {
namespace {

// Enough to share one flush; the callers of the first of them wait for all.
constexpr std::size_t kBatch = 512;
constexpr auto kRetryEvery = std::chrono::milliseconds(250);

SteadyMoment Now() { return std::chrono::steady_clock::now(); }

// One that shares nothing with the other: the count of a shared status is kept in Abseil, where
// ThreadSanitizer does not see it, so no status passes from thread to thread.
absl::Status Copy(const absl::Status& status) { return absl::Status(status.code(), status.message()); }

}  // namespace

// ---- Ticket ----

void Ticket::Answer(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    if (result_.ok()) result_ = Copy(status);
    if (open_ > 0) --open_;
  }
  changed_.notify_all();
}

absl::Status Ticket::Wait(SteadyMoment until) {
  CondLock lock(mutex_);
  const bool answered = changed_.wait_until(
      lock, until, [this]() MCPGATE_REQUIRES(mutex_) { return open_ == 0 || !result_.ok(); });
  given_up_ = true;
  if (answered) return Copy(result_);
  return absl::UnavailableError("the record is not durable everywhere within the deadline");
}

bool Ticket::IsGivenUp() const {
  MutexLock lock(mutex_);
  return given_up_;
}

// ---- Lane, the callers' side ----

Lane::Lane(AuditMember member, Nanos deadline, std::function<void(std::string_view)> log, const Clock& clock)
    : member_(std::move(member)), deadline_(deadline), log_(std::move(log)), clock_(clock) {
  thread_ = std::thread([this] { Run(); });
}

Lane::~Lane() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  work_.notify_one();
  room_.notify_all();
  thread_.join();
}

absl::Status Lane::Push(AuditRecord record, std::shared_ptr<Ticket> ticket, SteadyMoment until) {
  {
    CondLock lock(mutex_);
    if (member_.required &&
        !room_.wait_until(lock, until, [this]() MCPGATE_REQUIRES(mutex_) { return HasRoom() || ending_; })) {
      ++gap_;
      ++dropped_;
      return absl::UnavailableError(
          fmt::format("{}: {} records wait to be written already", member_.name, member_.queue));
    }
    while (!HasRoom()) {
      queue_.pop_front();
      ++gap_;
      ++dropped_;
    }
    queue_.push_back({.record = std::move(record), .ticket = std::move(ticket)});
  }
  work_.notify_one();
  return absl::OkStatus();
}

void Lane::PushFlush(std::shared_ptr<Ticket> ticket) {
  {
    MutexLock lock(mutex_);
    queue_.push_back({.record = {}, .ticket = std::move(ticket), .is_flush = true});
  }
  work_.notify_one();
}

absl::Status Lane::NotWell(SteadyMoment now) const {
  if (!status_.ok()) return Copy(status_);
  if (busy_ && now - busy_since_ > deadline_)
    return absl::UnavailableError(fmt::format("{}: does not answer", member_.name));
  return absl::OkStatus();
}

absl::Status Lane::Ready(SteadyMoment until) {
  CondLock lock(mutex_);
  if (absl::Status status = NotWell(Now()); !status.ok()) return status;
  if (room_.wait_until(lock, until, [this]() MCPGATE_REQUIRES(mutex_) { return HasRoom(); }))
    return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: the queue is full", member_.name));
}

AuditMemberHealth Lane::Health() const {
  MutexLock lock(mutex_);
  return {.name = member_.name,
          .required = member_.required,
          .status = NotWell(Now()),
          .waiting = queue_.size(),
          .dropped = dropped_};
}

// ---- Lane, its thread's side ----

void Lane::Run() {
  std::vector<Entry> batch;
  while (TakeBatch(batch)) {
    std::size_t accepted = 0;
    const absl::Status status = Deliver(batch, accepted);
    if (status.ok()) {
      NoteStatus(status);  // first: who is answered may ask
      for (Entry& entry : batch) {
        if (entry.ticket != nullptr) entry.ticket->Answer(status);
      }
    } else {
      NoteStatus(status);
      Return(std::move(batch), accepted, status);
    }
    batch.clear();
    room_.notify_all();
  }
  const std::uint64_t lost = Health().waiting;
  if (lost > 0 && log_)
    log_(fmt::format("mcpgate: the audit sink {} fails to the end; {} queued records are lost", member_.name,
                     lost));
}

// While the sink fails an empty batch asks it whether it still does.
bool Lane::TakeBatch(std::vector<Entry>& batch) {
  CondLock lock(mutex_);
  busy_ = false;
  while (!ending_) {
    if (status_.ok() ? !queue_.empty() : Now() >= retry_at_) break;
    if (status_.ok()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, retry_at_);
    }
  }
  if (ending_ && (queue_.empty() || !status_.ok())) return false;
  while (!queue_.empty() && batch.size() < kBatch) {
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    const bool unwanted = entry.ticket != nullptr && !entry.is_flush && entry.ticket->IsGivenUp();
    if (!unwanted) batch.push_back(std::move(entry));
  }
  busy_ = true;
  busy_since_ = Now();
  return true;
}

absl::Status Lane::Deliver(std::vector<Entry>& batch, std::size_t& accepted) {
  if (absl::Status status = TellGap(); !status.ok()) return status;
  for (; accepted < batch.size(); ++accepted) {
    if (batch[accepted].is_flush) continue;
    if (absl::Status status = Offer(batch[accepted].record); !status.ok()) return status;
  }
  return member_.sink->Flush();
}

absl::Status Lane::TellGap() {
  std::uint64_t lost = 0;
  {
    MutexLock lock(mutex_);
    lost = std::exchange(gap_, 0);
  }
  if (lost == 0) return absl::OkStatus();
  absl::Status status = Offer({.time = clock_.Now(),
                               .klass = AuditClass::kSystem,
                               .action = "audit.gap",
                               .source = "fan-out",
                               .reason = "the queue was full and these records were dropped",
                               .fields = {{"lost", fmt::format("{}", lost)}}});
  if (!status.ok()) {
    MutexLock lock(mutex_);
    gap_ += lost;
  }
  return status;
}

absl::Status Lane::Offer(const AuditRecord& record) {
  absl::Status status = member_.sink->Append(record, AuditDurability::kQueued);
  if (!absl::IsResourceExhausted(status)) return status;
  if (status = member_.sink->Flush(); !status.ok()) return status;
  return member_.sink->Append(record, AuditDurability::kQueued);
}

// What the sink has accepted is the sink's; the rest waits for the next attempt, unless somebody waited for
// it: who was refused must not find the record later.
void Lane::Return(std::vector<Entry> batch, std::size_t accepted, const absl::Status& why) {
  std::vector<Entry> again;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].ticket != nullptr) {
      batch[i].ticket->Answer(absl::UnavailableError(why.message()));
    } else if (i >= accepted) {
      again.push_back(std::move(batch[i]));
    }
  }
  MutexLock lock(mutex_);
  while (!member_.required && !again.empty() && queue_.size() + again.size() > member_.queue) {
    again.erase(again.begin());
    ++gap_;
    ++dropped_;
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  retry_at_ = Now() + kRetryEvery;
}

void Lane::NoteStatus(const absl::Status& status) {
  bool was_well = true;
  {
    MutexLock lock(mutex_);
    was_well = status_.ok();
    status_ = Copy(status);
  }
  if (!log_ || was_well == status.ok()) return;
  log_(status.ok() ? fmt::format("mcpgate: the audit sink {} works again", member_.name)
                   : fmt::format("mcpgate: the audit sink {} fails: {}", member_.name,
                                 std::string(status.message())));
}

}  // namespace mcpgate
