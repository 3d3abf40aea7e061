// Keys and sessions that ended long ago, forgotten.
#include <set>
#include <utility>

#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMostOfFamily = 500;

/// A batch while it is put together. Confine to one thread.
class EndedBatch {
 public:
  EndedBatch(const KeyBook& book, std::int64_t ended_by) : book_(book), ended_by_(ended_by) {}

  /// Adds an authentic row, which has ended, and whatever ends with it; or nothing when it is still needed.
  absl::Status Add(const KeyRecord& record) {
    if (ids_.contains(record.id)) return absl::OkStatus();
    if (record.kind == KeyKind::kSession) Take(record);
    if (record.kind != KeyKind::kKey) return absl::OkStatus();
    const absl::StatusOr<std::vector<KeyRecord>> family = Ended({.family = record.family});
    if (!family.ok()) return family.status();
    if (family->empty()) {
      // The id of the first secret is what a family that goes on is called by.
      if (record.id != record.family) Take(record);
      return absl::OkStatus();
    }
    const absl::StatusOr<KeyRows> sessions =
        book_.store().List({.parent = record.family, .limit = kMostOfFamily});
    if (!sessions.ok()) return sessions.status();
    bool are_all = sessions->next.empty();
    for (const StoredKey& row : sessions->rows) {
      const KeyInfo info = book_.InfoOf(row.id, row.record);
      const bool is_tampered = info.state == KeyInfo::State::kTampered;
      if (!is_tampered) Take(info.record);
      are_all = are_all && !is_tampered;
    }
    for (const KeyRecord& each : *family) {
      if (are_all) Take(each);
    }
    return absl::OkStatus();
  }

  std::vector<KeyRecord> keys() && { return std::move(keys_); }

 private:
  // Empty unless all of them ended by then, and there are not too many.
  absl::StatusOr<std::vector<KeyRecord>> Ended(KeyQuery query) const {
    query.limit = kMostOfFamily;
    absl::StatusOr<KeyRows> rows = book_.store().List(query);
    if (!rows.ok()) return rows.status();
    std::vector<KeyRecord> records;
    if (!rows->next.empty()) return records;
    for (const StoredKey& row : rows->rows) {
      KeyInfo info = book_.InfoOf(row.id, row.record);
      const std::int64_t end = EndOf(info.record);
      if (info.state == KeyInfo::State::kTampered || end == 0 || end > ended_by_)
        return std::vector<KeyRecord>();
      records.push_back(std::move(info.record));
    }
    return records;
  }

  void Take(const KeyRecord& record) {
    if (ids_.insert(record.id).second) keys_.push_back(record);
  }

  const KeyBook& book_;
  const std::int64_t ended_by_;
  std::set<std::string> ids_;
  std::vector<KeyRecord> keys_;
};

}  // namespace

absl::StatusOr<ForgottenKeys> StoreKeyAdmin::ForgetEnded(const TenantScope& scope,
                                                         const KeyForgetting& forgetting) {
  if (forgetting.ended_by > book_.NowMillis())
    return absl::InvalidArgumentError("ended_by must not lie in the future");
  absl::StatusOr<KeyRows> ended =
      book_.store().ListEnded(forgetting.ended_by, forgetting.after, forgetting.most);
  if (!ended.ok()) return ended.status();
  EndedBatch batch(book_, forgetting.ended_by);
  for (const StoredKey& row : ended->rows) {
    const KeyInfo info = book_.InfoOf(row.id, row.record);
    if (info.state == KeyInfo::State::kTampered || !scope.Covers(info.record.tenant)) continue;
    if (absl::Status status = batch.Add(info.record); !status.ok()) return status;
  }
  ForgottenKeys forgotten{.keys = std::move(batch).keys(), .next = std::move(ended->next)};
  if (forgetting.dry_run || forgotten.keys.empty()) return forgotten;
  if (forgetting.announce) {
    if (absl::Status no = forgetting.announce(forgotten.keys); !no.ok()) return no;
  }
  const absl::Status status = book_.store().Forget(forgotten.keys);
  if (absl::IsAborted(status) || absl::IsNotFound(status)) forgotten.keys.clear();
  if (status.ok() || forgotten.keys.empty()) return forgotten;
  return status;
}

}  // namespace mcpgate
