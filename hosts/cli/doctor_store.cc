#include "cli/doctor_store.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include "common/store.h"
#include "common/time_text.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/clock.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/notice.h"
#include "mcpgate/policy.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::int64_t kSoonMs = 7LL * 24 * 3600 * 1000;
constexpr std::int64_t kOldestNowMs = 1'767'225'600'000;  // 2026-01-01, before any release

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::System().Now().time_since_epoch())
      .count();
}

Finding FindingOf(const SqliteFileCheck& check) {
  if (!check.status.ok()) return Failed(check.name, check.status);
  if (check.schema > check.knows) {
    return Failed(check.name, fmt::format("schema {}, this program knows {}", check.schema, check.knows),
                  "use the programs of the release that wrote it");
  }
  return Ok(check.name, fmt::format("every page holds, schema {}", check.schema));
}

struct KeyCounts {
  std::size_t live = 0, over = 0, tampered = 0;
  std::string soon;  // the id of one that ends within a week
};

absl::StatusOr<KeyCounts> CountKeys(Keyring& keyring) {
  KeyCounts counts;
  KeyQuery query{.limit = kPage};
  do {
    absl::StatusOr<KeyPage> page = keyring.admin().List(TenantScope::Operator(), query);
    if (!page.ok()) return page.status();
    for (const KeyInfo& key : page->keys) {
      if (key.state == KeyInfo::State::kTampered) {
        ++counts.tampered;
      } else if (key.state != KeyInfo::State::kLive) {
        ++counts.over;
      } else {
        ++counts.live;
        const std::int64_t ends = key.record.expires_at;
        if (ends != 0 && ends < NowMs() + kSoonMs) counts.soon = key.record.id;
      }
    }
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return counts;
}

Finding CheckKeys(Keyring& keyring) {
  constexpr char kCheck[] = "keys";
  const absl::StatusOr<KeyCounts> counts = CountKeys(keyring);
  if (!counts.ok()) return Failed(kCheck, counts.status());
  const std::string note = fmt::format("{} live, {} expired or revoked", counts->live, counts->over);
  if (counts->tampered != 0) {
    return Failed(
        kCheck, fmt::format("{} rows were changed by another hand, and are refused", counts->tampered),
        "mcpgate keys list --all shows them; find out who wrote gate.db, then restore it from a backup");
  }
  if (counts->live == 0) {
    return Warning(kCheck, note + ": nobody can call",
                   "make one: mcpgate keys create --name NAME --role writer");
  }
  if (!counts->soon.empty()) {
    return Warning(kCheck, fmt::format("{}; {} ends within a week", note, counts->soon),
                   "make its successor now: mcpgate keys create");
  }
  return Ok(kCheck, note);
}

Finding CheckTrail(AuditTrail& trail, bool quick) {
  constexpr char kCheck[] = "audit_chain";
  if (quick) return Skipped(kCheck, "not walked (--quick)");
  const AuditVerdict verdict = trail.Verify();
  if (verdict.state == AuditVerdict::State::kIntact) {
    return Ok(kCheck, fmt::format("{} records, each holds", verdict.records));
  }
  return Failed(kCheck, fmt::format("record {} does not hold: {}", verdict.first_bad, verdict.detail),
                "keep a copy of audit.db for whoever looks into it; mcpgate audit verify says more");
}

// "2026-01-31T08:05:09" at the front of a record's time compares like the time itself.
std::string NewestTime(AuditTrail& trail) {
  const absl::StatusOr<std::vector<StoredAudit>> records =
      trail.Read(TenantScope::Operator(), {.limit = 1, .newest = true});
  if (!records.ok() || records->empty()) return "";
  return StringOr(ParseJson(records->back().body).value_or(Json()), "time", "");
}

Finding CheckClock(AuditTrail& trail) {
  constexpr char kCheck[] = "clock";
  constexpr char kTodo[] = "set the clock (timedatectl status); keys end, and limits count, by it";
  constexpr std::int64_t kSlackMs = 5'000;
  constexpr std::size_t kToSeconds = 19;
  const std::int64_t now = NowMs();
  if (now < kOldestNowMs) return Failed(kCheck, fmt::format("it says {}", TimeText(now)), kTodo);
  const std::string newest = NewestTime(trail);
  if (newest.substr(0, kToSeconds) > TimeText(now + kSlackMs).substr(0, kToSeconds)) {
    return Failed(kCheck, fmt::format("it says {}, the newest record {}", TimeText(now), newest), kTodo);
  }
  return Ok(kCheck, TimeText(now));
}

Finding CheckNotices(NoticeOutbox& outbox) {
  constexpr char kCheck[] = "notices";
  constexpr std::size_t kMost = 1000;
  constexpr int kUnlucky = 3;
  const absl::StatusOr<std::vector<NoticeWaiting>> waiting = outbox.Waiting(kMost);
  if (!waiting.ok()) return Failed(kCheck, waiting.status());
  const WallTime hour_ago = Clock::System().Now() - std::chrono::hours(1);
  for (const NoticeWaiting& one : *waiting) {
    if (one.parcel.attempt >= kUnlucky) {
      return Warning(kCheck, fmt::format("they do not arrive at {}; {} wait", one.place, waiting->size()),
                     "the log of the server that sends them says why; mcpgate notices list shows them");
    }
    if (one.parcel.attempt == 0 && one.parcel.made < hour_ago) {
      return Warning(kCheck, fmt::format("no server sends them to {}; {} wait", one.place, waiting->size()),
                     fmt::format("start one that does, or run: mcpgate notices forget {}", one.place));
    }
  }
  return Ok(kCheck, fmt::format("{} wait", waiting->size()));
}

}  // namespace

std::vector<Finding> CheckDatabases(const std::string& directory) {
  std::vector<Finding> findings;
  for (const SqliteFileCheck& check : CheckSqliteFiles(directory)) findings.push_back(FindingOf(check));
  return findings;
}

std::vector<Finding> CheckStore(const std::string& directory, bool quick) {
  absl::StatusOr<Store> store = OpenStore({.directory = directory, .create = false});
  if (!store.ok()) return {Failed("store", store.status())};
  std::vector<Finding> findings;
  const absl::Status health = store->storage->Health();
  const std::string repaired(store->storage->repaired());
  if (!health.ok()) {
    findings.push_back(Failed("store", health));
  } else if (!repaired.empty()) {
    findings.push_back(
        Warning("store", repaired, "it was repaired just now; find out what ended so abruptly"));
  } else {
    findings.push_back(Ok("store", fmt::format("opens and takes writes (SQLite {})", SqliteVersion())));
  }
  const std::shared_ptr<AuditTrail> trail = store->storage->trail();
  findings.push_back(CheckKeys(*store->keyring));
  findings.push_back(CheckTrail(*trail, quick));
  findings.push_back(CheckClock(*trail));
  // Looking must not make the file.
  if (!std::filesystem::exists(directory + "/notices.db")) return findings;
  const absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = store->storage->notices();
  findings.push_back(outbox.ok() ? CheckNotices(**outbox) : Failed("notices", outbox.status()));
  return findings;
}

}  // namespace mcpgate::hosts
