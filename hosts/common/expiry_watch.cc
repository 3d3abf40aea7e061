#include "common/expiry_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "common/notice_text.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate::hosts {
namespace {

constexpr auto kSoon = std::chrono::days(7), kShort = std::chrono::days(1);
constexpr std::size_t kPage = 1000, kMostToldApart = 100;

// A key that was made for a short time need not be told of, nor the old secret of one that was rotated.
bool IsNews(const KeyRecord& key) {
  const std::int64_t brief = std::chrono::milliseconds(kShort).count();
  return key.kind == KeyKind::kKey && key.retires_at == 0 && key.expires_at - key.created_at > brief;
}

}  // namespace

absl::Status TellExpiring(KeyAdmin& keys, WallTime now,
                          const std::function<absl::Status(const Notice&)>& post) {
  KeyQuery query{.limit = kPage};
  std::size_t found = 0;
  do {
    absl::StatusOr<KeyPage> page = keys.Expiring(TenantScope::Operator(), query, kSoon);
    if (!page.ok()) return page.status();
    for (const KeyInfo& key : page->keys) {
      if (!IsNews(key.record) || ++found > kMostToldApart) continue;
      if (absl::Status status = post(NoticeOfEnd(key.record)); !status.ok()) return status;
    }
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return found > kMostToldApart ? post(NoticeOfEnds(found - kMostToldApart, now)) : absl::OkStatus();
}

std::jthread TellEveryDay(std::function<void()> tell) {
  return std::jthread([tell = std::move(tell)](std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      tell();
      woken.wait_for(lock, stop, std::chrono::hours(24), [] { return false; });
    }
  });
}

}  // namespace mcpgate::hosts
