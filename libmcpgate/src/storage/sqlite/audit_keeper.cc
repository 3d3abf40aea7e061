#include "storage/sqlite/audit_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/sqlite/audit_signer.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

// A long snapshot would keep the writer's log from being reused.
constexpr int kRowsAtOnce = 2000;
// Few enough that a call which waits for the writer does not notice.
constexpr std::int64_t kSweepAtOnce = 500;

/// A change of the tables by the writer, as a request. It may outlive its keeper, but not the tables, and
/// must not own them: the writer cannot end on its own thread.
template <typename Change>
class ChangeRequest : public WriteRequest {
 public:
  explicit ChangeRequest(Change change) : change_(std::move(change)) {}
  absl::Status Apply() override { return change_(); }

 private:
  const Change change_;
};

template <typename Change>
absl::Status Write(GroupWriter& writer, Change change) {
  return writer.Write(std::make_shared<ChangeRequest<Change>>(std::move(change)));
}

}  // namespace

AuditKeeper::AuditKeeper(std::string path, const Secret& root_key, AuditKeeping keeping, Nanos deadline,
                         const Clock& clock, std::shared_ptr<AuditBook> book)
    : path_(std::move(path)),
      chain_(root_key),
      signer_(AuditSigner(root_key)),
      keeping_(std::move(keeping)),
      deadline_(deadline),
      clock_(clock),
      book_(std::move(book)),
      lock_(path_ + ".keeper.lock"),
      told_at_(clock.Steady()) {}

absl::Status AuditKeeper::Tick() {
  if (!lock_.TryAcquire()) return absl::OkStatus();  // another process keeps
  absl::Status status = TickLocked(/*ending=*/false);
  lock_.Release();
  return status;
}

absl::Status AuditKeeper::Finish() {
  if (!lock_.TryAcquire()) return absl::OkStatus();
  absl::Status status = TickLocked(/*ending=*/true);
  lock_.Release();
  return status;
}

absl::Status AuditKeeper::TickLocked(bool ending) {
  absl::Status status = Open();
  if (status.ok()) status = StandOnGround();
  if (!status.ok()) return status;
  for (bool more = true; more;) {
    const absl::StatusOr<bool> followed = Follow();
    if (!followed.ok()) return followed.status();
    more = *followed;
    if (!IsFull() && (more || !IsOld())) continue;
    if (status = CloseSegment(); !status.ok()) return status;
  }
  // The rest does not depend on one another: a place that takes no checkpoints must not keep old records.
  status = keeping_.retention ? RemoveOld() : absl::OkStatus();
  if (CheckpointDue(ending)) status.Update(TellCheckpoint());
  return status;
}

absl::Status AuditKeeper::Open() {
  if (db_ != nullptr && db_->StillThere().ok()) return absl::OkStatus();
  is_placed_ = false;
  rows_ = Statement();
  last_segment_ = Statement();
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(path_, Database::Mode::kRead, deadline_);
  if (!db.ok()) return db.status();
  db_ = *std::move(db);
  absl::Status status =
      PrepareInto(*db_, rows_, "SELECT seq, body, hash FROM audit WHERE seq>?1 ORDER BY seq LIMIT ?2");
  status.Update(PrepareInto(*db_, last_segment_, "SELECT coalesce(max(last), 0) FROM segment"));
  if (!status.ok()) db_ = nullptr;
  return status;
}

// At the beginning, and again when another process has closed segments since.
absl::Status AuditKeeper::StandOnGround() {
  {
    ResetAtEnd reset(last_segment_);
    const absl::StatusOr<bool> row = last_segment_.Step();
    if (!row.ok()) return row.status();
    const auto last = static_cast<std::uint64_t>(*row ? last_segment_.Integer(0).value_or(0) : 0);
    if (is_placed_ && last == closed_) return absl::OkStatus();
  }
  absl::StatusOr<AuditGround> ground = ReadGround(*db_, chain_, signer_.verifier());
  if (!ground.ok()) return ground.status();
  ground_ = *std::move(ground);
  at_ = {};
  tree_ = MerkleRange();
  for (const AuditSegment& segment : ground_.segments) {
    at_ = segment.end;
    (void)tree_.Append(segment.range);  // ReadGround has proved that they fit
  }
  BeginSegment();
  is_placed_ = true;
  return absl::OkStatus();
}

// True when there may be more rows.
absl::StatusOr<bool> AuditKeeper::Follow() {
  ResetAtEnd reset(rows_);
  rows_.Bind(1, static_cast<std::int64_t>(at_.seq)).Bind(2, kRowsAtOnce);
  for (int count = 0; count < kRowsAtOnce; ++count) {
    if (IsFull()) return true;
    const absl::StatusOr<bool> row = rows_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return false;
    const auto seq = static_cast<std::uint64_t>(rows_.Integer(0).value_or(0));
    absl::Status status = Take(seq, rows_.Text(1).value_or(""), rows_.Blob(2).value_or(""));
    if (!status.ok()) return status;
  }
  return true;
}

absl::Status AuditKeeper::Take(std::uint64_t seq, std::string_view body, std::string_view hash) {
  const Digest expected = chain_.HashAfter(at_, body);
  if (seq != at_.seq + 1 || hash != AsView(expected))
    return absl::DataLossError(
        fmt::format("audit.db: the chain breaks at record {}; no checkpoint is signed and nothing is "
                    "removed; run `mcpgate "
                    "audit verify`",
                    at_.seq + 1));
  at_ = {.seq = seq, .hash = expected};
  const Digest leaf = MerkleLeaf(body);
  tree_.AppendLeaf(leaf);
  open_.range.AppendLeaf(leaf);
  open_bytes_ += body.size();
  const std::string_view time = TimeOfBody(body);
  if (open_.oldest.empty() || time < open_.oldest) open_.oldest = time;
  if (time > open_.newest) open_.newest = time;
  return absl::OkStatus();
}

bool AuditKeeper::IsFull() const {
  return at_.seq - closed_ >= keeping_.segment_records || open_bytes_ >= keeping_.segment_bytes;
}

bool AuditKeeper::IsOld() const {
  return at_.seq > closed_ && open_.oldest < AuditTimeText(clock_.Now() - keeping_.segment_every);
}

absl::Status AuditKeeper::CloseSegment() {
  open_.end = at_;
  open_.root = tree_.Root();
  const std::string header = SealSegment(signer_, open_);
  absl::Status status = Write(*book_->writer, [&table = book_->table, last = at_.seq, header] {
    return table.CloseSegment(last, header);
  });
  if (!status.ok()) {
    is_placed_ = false;  // it may yet be written
    return status;
  }
  ground_.segments.push_back(std::move(open_));
  BeginSegment();
  return absl::OkStatus();
}

void AuditKeeper::BeginSegment() {
  closed_ = at_.seq;
  open_ = {.first = closed_ + 1, .range = MerkleRange(closed_)};
  open_bytes_ = 0;
}

bool AuditKeeper::CheckpointDue(bool ending) const {
  if (keeping_.checkpoints.empty() || at_.seq == told_) return false;
  return ending || at_.seq >= told_ + keeping_.checkpoint_records ||
         clock_.Steady() - told_at_ >= keeping_.checkpoint_every;
}

absl::Status AuditKeeper::TellCheckpoint() {
  const std::string note = SealCheckpoint(signer_, tree_);
  absl::Status status;
  for (const CheckpointSink& sink : keeping_.checkpoints) status.Update(sink(note, at_.seq));
  if (!status.ok())
    return absl::Status(status.code(), fmt::format("the checkpoint of {} records is not everywhere: {}",
                                                   at_.seq, std::string(status.message())));
  told_ = at_.seq;
  told_at_ = clock_.Steady();
  return status;
}

absl::Status AuditKeeper::RemoveOld() {
  const std::string limit = AuditTimeText(clock_.Now() - *keeping_.retention);
  ChainHead end = ground_.base;
  for (const AuditSegment& segment : ground_.segments) {
    if (segment.end.seq <= ground_.base.seq) continue;
    if (segment.newest >= limit) break;
    end = segment.end;
  }
  if (end.seq > ground_.base.seq) {
    absl::Status status = Write(*book_->writer, [&table = book_->table, end] { return table.Retire(end); });
    if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
    ground_.base = end;
  }
  return Sweep();
}

absl::Status AuditKeeper::Sweep() {
  const absl::StatusOr<std::int64_t> first = db_->Number("SELECT coalesce(min(seq), 0) FROM audit");
  if (!first.ok()) return first.status();
  if (*first == 0 || static_cast<std::uint64_t>(*first) > ground_.base.seq) return absl::OkStatus();
  absl::Status status;
  while (status.ok())
    status = Write(*book_->writer, [&table = book_->table] { return table.Sweep(kSweepAtOnce); });
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace mcpgate::sqlite
