#include <functional>
#include <utility>

#include "base/crypto.h"
#include "storage/sqlite/function_request.h"
#include "storage/sqlite/notice_book.h"

namespace mcpgate::sqlite {
namespace {

// Safe for concurrent use.
class SqliteOutbox final : public NoticeOutbox {
 public:
  explicit SqliteOutbox(std::shared_ptr<NoticeBook> book) : book_(std::move(book)) {}

  absl::Status Post(const Notice& notice) override {
    if (absl::Status bad = ValidateNotice(notice); !bad.ok()) return bad;
    absl::Status status =
        Write([&table = book_->table, notice, id = RandomText(12)] { return table.Post(notice, id); });
    return absl::IsAborted(status) ? absl::ResourceExhaustedError(status.message()) : status;
  }

  absl::StatusOr<std::vector<NoticeParcel>> Claim(std::string_view place, std::size_t most,
                                                  Nanos lease) override {
    // Shared, because a request that its caller has given up may be applied yet.
    const auto parcels = std::make_shared<std::vector<NoticeParcel>>();
    absl::Status status = Write([&table = book_->table, place = std::string(place), most, lease, parcels] {
      return table.Claim(place, most, lease, *parcels);
    });
    if (!status.ok()) return status;
    return std::move(*parcels);
  }

  absl::Status Finish(std::string_view place, std::string_view id) override {
    return Write([&table = book_->table, place = std::string(place), id = std::string(id)] {
      return table.Finish(place, id);
    });
  }

  absl::Status Defer(std::string_view place, std::string_view id, Nanos wait) override {
    return Write([&table = book_->table, place = std::string(place), id = std::string(id), wait] {
      return table.Defer(place, id, wait);
    });
  }

  absl::StatusOr<std::size_t> Count(std::string_view place) override {
    const auto count = std::make_shared<std::size_t>(0);
    absl::Status status = Write([&table = book_->table, place = std::string(place), count] {
      const absl::StatusOr<std::size_t> counted = table.Count(place);
      *count = counted.value_or(0);
      return counted.status();
    });
    if (!status.ok()) return status;
    return *count;
  }

  absl::StatusOr<std::vector<NoticeWaiting>> Waiting(std::size_t most) override {
    const auto waiting = std::make_shared<std::vector<NoticeWaiting>>();
    absl::Status status =
        Write([&table = book_->table, most, waiting] { return table.Waiting(most, *waiting); });
    if (!status.ok()) return status;
    return std::move(*waiting);
  }

  absl::Status ForgetPlace(std::string_view place) override {
    return Write([&table = book_->table, place = std::string(place)] { return table.ForgetPlace(place); });
  }

 private:
  absl::Status Write(std::function<absl::Status()> apply) {
    return WriteBy(*book_->writer, std::move(apply));
  }

  const std::shared_ptr<NoticeBook> book_;
};

}  // namespace

std::shared_ptr<NoticeOutbox> NewNoticeOutbox(std::shared_ptr<NoticeBook> book) {
  return std::make_shared<SqliteOutbox>(std::move(book));
}

}  // namespace mcpgate::sqlite
