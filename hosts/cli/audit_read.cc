#include "cli/audit_read.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "cli/audit_view.h"
#include "common/stop_signals.h"
#include "common/time_text.h"
#include "mcpgate/clock.h"

namespace mcpgate::hosts {
namespace {

// How often a follower looks. Reading is one query on an index.
constexpr auto kFollowPeriod = std::chrono::milliseconds(200);
constexpr std::size_t kFollowPage = 500;

void PauseUnlessStopped(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, kFollowPeriod, [] { return false; });
}

int Follow(const Console& console, AuditTrail& trail, const TenantScope& scope, AuditQuery query,
           std::stop_token stop) {
  query.newest = false;
  query.limit = kFollowPage;
  while (!stop.stop_requested()) {
    absl::StatusOr<std::vector<StoredAudit>> records = trail.Read(scope, query);
    if (!records.ok()) return console.Fail(records.status());
    for (const StoredAudit& stored : *records) {
      ShowRecord(console, stored);
      query.after_seq = stored.seq;
    }
    if (!console.Flush()) return kFailed;  // the reader of the pipe has gone
    if (records->size() < kFollowPage) PauseUnlessStopped(stop);
  }
  return kDone;
}

std::optional<std::string> Filter(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

absl::Status ReadMoment(const std::string& option, const std::string& text, std::optional<WallTime>& moment) {
  if (text.empty()) return absl::OkStatus();
  absl::StatusOr<WallTime> read = ParseMoment(text, Clock::System().Now());
  if (!read.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", option, std::string(read.status().message())));
  moment = *read;
  return absl::OkStatus();
}

// A page may be empty because it has looked at enough records; a person wants the first that is not.
absl::StatusOr<AuditPage> PageWithRecords(AuditTrail& trail, const TenantScope& scope,
                                          const AuditQuery& query, const std::string& cursor) {
  absl::StatusOr<AuditPage> page = trail.Page(scope, query, cursor);
  while (page.ok() && page->records.empty() && !page->next.empty())
    page = trail.Page(scope, query, std::string(page->next));
  return page;
}

}  // namespace

absl::StatusOr<AuditQuery> QueryOf(const AuditFilterOptions& options) {
  AuditQuery query{.tenant = Filter(options.tenant),
                   .key = Filter(options.key),
                   .action = Filter(options.action),
                   .outcome = Filter(options.outcome),
                   .klass = Filter(options.klass),
                   .call = Filter(options.call)};
  absl::Status status = ReadMoment("--since", options.since, query.from);
  status.Update(ReadMoment("--until", options.until, query.until));
  if (!status.ok()) return status;
  return query;
}

int ListAudit(const Console& console, const ListAuditOptions& options) {
  absl::StatusOr<AuditQuery> query = QueryOf(options.filter);
  if (!query.ok()) return console.Fail(query.status(), "", kUsage);
  query->limit = options.count;
  query->newest = !options.oldest_first;
  query->text = Filter(options.text);
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const absl::StatusOr<AuditPage> page =
      PageWithRecords(*(*storage)->trail(), TenantScope::Operator(), *query, options.cursor);
  if (!page.ok()) return console.Fail(page.status());
  if (console.json()) {
    Json records = Json::array();
    for (const StoredAudit& stored : page->records) records.push_back(RecordJson(stored));
    console.Document({{"records", std::move(records)}, {"next", page->next}, {"previous", page->previous}});
    return kDone;
  }
  for (const StoredAudit& stored : page->records) ShowRecord(console, stored);
  if (!page->next.empty()) console.Note(fmt::format("more: the same with --cursor {}", page->next));
  return kDone;
}

int TailAudit(const Console& console, const TailOptions& options) {
  absl::StatusOr<AuditQuery> query = QueryOf(options.filter);
  if (!query.ok()) return console.Fail(query.status(), "", kUsage);
  query->limit = options.count;
  query->newest = true;
  std::optional<StopSignals> signals;
  if (options.follow) signals.emplace();  // before the storage starts its threads
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = OpenTrail(options.data);
  if (!storage.ok()) return console.Fail(storage.status());
  const std::shared_ptr<AuditTrail> trail = (*storage)->trail();
  const TenantScope scope = TenantScope::Operator();
  absl::StatusOr<std::vector<StoredAudit>> records = trail->Read(scope, *query);
  if (!records.ok()) return console.Fail(records.status());
  for (const StoredAudit& stored : *records) {
    ShowRecord(console, stored);
    query->after_seq = stored.seq;
  }
  return options.follow ? Follow(console, *trail, scope, *std::move(query), signals->token()) : kDone;
}

}  // namespace mcpgate::hosts
