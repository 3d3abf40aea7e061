// File: storage/sqlite/notice_book.h
//
// Everything about notices.db: its tables and their writer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/notice.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// NoticeTable
///
/// `notices` holds what was posted, by number; `parcels` what each place has still to get, `places` up to
/// which number a place has its parcels. Not thread-safe; the writer's.
class NoticeTable : public Tables {
 public:
  explicit NoticeTable(const Clock& clock) : clock_(clock) {}

  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return absl::OkStatus(); }
  void GroupEnded(bool) override {}

  /// As NoticeOutbox; `id` is the caller's, and new.
  absl::Status Post(const Notice& notice, std::string_view id);
  absl::Status Claim(std::string_view place, std::size_t most, Nanos lease,
                     std::vector<NoticeParcel>& parcels);
  absl::Status Finish(std::string_view place, std::string_view id);
  absl::Status Defer(std::string_view place, std::string_view id, Nanos wait);
  absl::StatusOr<std::size_t> Count(std::string_view place);
  absl::Status Waiting(std::size_t most, std::vector<NoticeWaiting>& waiting);
  absl::Status ForgetPlace(std::string_view place);

 private:
  absl::StatusOr<bool> WasTold(const Notice& notice);
  absl::Status Forget();
  absl::Status SortOut(std::string_view place);
  absl::Status ReadDue(std::string_view place, std::size_t most, std::vector<NoticeParcel>& parcels);
  absl::Status OneRow(Statement& change);

  const Clock& clock_;
  Database* db_ = nullptr;
  Statement told_, count_, post_, forget_, forget_parcels_, begin_place_, sort_out_, note_seen_, due_, lease_,
      finish_, defer_, waiting_count_, waiting_, forget_waiting_, forget_place_;
};

struct NoticeBook {
  explicit NoticeBook(const Clock& time) : table(time) {}
  NoticeTable table;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

std::shared_ptr<NoticeOutbox> NewNoticeOutbox(std::shared_ptr<NoticeBook> book);

}  // namespace mcpgate::sqlite
