#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/key_store.h"
#include "mcpgate/pattern.h"

namespace mcpgate {
namespace {

bool Chooses(const std::string& wanted, const std::string& value) {
  return wanted.empty() || wanted == value;
}

bool Chooses(const KeyQuery& query, const KeyRecord& record) {
  return Chooses(query.tenant, record.tenant) && Chooses(query.principal, record.principal) &&
         Chooses(query.family, record.family) && Chooses(query.parent, record.parent) &&
         (!query.sessions || !record.parent.empty()) && (!query.imported || record.imported_at != 0) &&
         (query.name.empty() || MatchesPattern(query.name, record.name));
}

bool Chooses(const PersonQuery& query, const PersonRecord& record) {
  const auto& ids = record.externals;
  return record.kind == query.kind && Chooses(query.tenant, record.tenant) &&
         Chooses(query.parent, record.parent) &&
         (query.external.empty() || std::find(ids.begin(), ids.end(), query.external) != ids.end());
}

// Safe for concurrent use.
class MemoryKeyStore : public KeyStore {
 public:
  absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) override {
    MutexLock lock(mutex_);
    const auto row = rows_.keys.find(id);
    if (row == rows_.keys.end()) return std::optional<KeyRecord>();
    return std::optional<KeyRecord>(row->second);
  }

  absl::StatusOr<KeyRows> List(const KeyQuery& query) override {
    MutexLock lock(mutex_);
    KeyRows page;
    for (auto row = rows_.keys.upper_bound(query.after); row != rows_.keys.end(); ++row) {
      if (!Chooses(query, row->second)) continue;
      if (page.rows.size() == query.limit) {
        page.next = page.rows.empty() ? query.after : page.rows.back().id;
        break;
      }
      page.rows.push_back({.id = row->first, .record = row->second});
    }
    return page;
  }

  absl::StatusOr<std::optional<PersonRecord>> FindPerson(PersonKind kind, std::string_view tenant,
                                                         std::string_view id) override {
    MutexLock lock(mutex_);
    const auto row = rows_.people.find(PersonId(kind, tenant, id));
    if (row == rows_.people.end()) return std::optional<PersonRecord>();
    return std::optional<PersonRecord>(row->second);
  }

  absl::StatusOr<PersonRows> ListPeople(const PersonQuery& query) override {
    const std::string after_tenant = query.after.substr(0, query.after.find('/'));
    const std::string after_id = query.after.substr(std::min(query.after.size(), after_tenant.size() + 1));
    MutexLock lock(mutex_);
    PersonRows page;
    auto row = rows_.people.upper_bound(PersonId(query.kind, after_tenant, after_id));
    for (; row != rows_.people.end() && std::get<0>(row->first) == query.kind; ++row) {
      const PersonRecord& record = row->second;
      if (!Chooses(query, record)) continue;
      if (page.rows.size() == query.limit) {
        page.next = page.rows.empty() ? query.after : page.rows.back().tenant + "/" + page.rows.back().id;
        break;
      }
      page.rows.push_back({record.kind, record.tenant, record.id, record});
    }
    return page;
  }

  absl::Status Apply(std::span<const RowChange> changes) override {
    MutexLock lock(mutex_);
    Undo undo(rows_);
    for (const RowChange& change : changes) {
      const absl::Status status = std::visit(
          [&](const auto& record) MCPGATE_REQUIRES(mutex_) { return ApplyOne(change.verb, record, undo); },
          change.row);
      if (!status.ok()) return status;
    }
    undo.Keep();
    revision_ += 2;  // always even: nobody sees rows while they are being changed
    return absl::OkStatus();
  }

  std::uint64_t Revision() override { return revision_.load(); }

  absl::StatusOr<KeyRows> ListEnded(std::int64_t by, std::string_view after, std::size_t limit) override {
    MutexLock lock(mutex_);
    std::map<std::string, const KeyRecord*> found;  // by place: the end, made to sort, and the id
    for (const auto& [id, record] : rows_.keys) {
      const std::int64_t end = EndOf(record);
      if (end != 0 && end <= by) found.emplace(fmt::format("{:020}/{}", end, id), &record);
    }
    KeyRows page;
    std::string last(after);
    for (auto row = found.upper_bound(last); row != found.end(); ++row) {
      if (page.rows.size() == limit) {
        page.next = std::move(last);
        break;
      }
      page.rows.push_back({.id = row->second->id, .record = *row->second});
      last = row->first;
    }
    return page;
  }

  absl::Status Forget(std::span<const KeyRecord> rows) override {
    MutexLock lock(mutex_);
    Undo undo(rows_);
    for (const KeyRecord& row : rows) {
      if (absl::Status status = ApplyOne(RowChange::Verb::kErase, row, undo); !status.ok()) return status;
    }
    undo.Keep();
    for (const KeyRecord& row : rows) {
      forgotten_.insert(row.id);
      uses_.erase(row.id);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> HasForgotten() override {
    MutexLock lock(mutex_);
    return !forgotten_.empty();
  }

  absl::Status NoteUses(std::span<const KeyUse> uses) override {
    MutexLock lock(mutex_);
    for (const KeyUse& use : uses) {
      KeyUse& sum = uses_.try_emplace(use.id, KeyUse{.id = use.id}).first->second;
      sum.uses += use.uses;
      sum.last_used_at = std::max(sum.last_used_at, use.last_used_at);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<KeyUse>> Uses(std::span<const std::string> ids) override {
    MutexLock lock(mutex_);
    std::vector<KeyUse> found;
    for (const std::string& id : ids) {
      const auto use = uses_.find(id);
      found.push_back(use == uses_.end() ? KeyUse{.id = id} : use->second);
    }
    return found;
  }

 private:
  using PersonId = std::tuple<PersonKind, std::string, std::string>;
  using ExternalId = std::pair<std::string, std::string>;  // tenant and external id
  struct Rows {
    std::map<std::string, KeyRecord, std::less<>> keys;
    std::map<PersonId, PersonRecord> people;
    std::set<ExternalId> externals;
  };

  // Puts back what was changed unless all of it is kept.
  class Undo {
   public:
    explicit Undo(Rows& rows) : rows_(rows) {}
    ~Undo() {
      for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)(rows_);
    }
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    void Add(std::function<void(Rows&)> step) { steps_.push_back(std::move(step)); }
    void Keep() { steps_.clear(); }

   private:
    Rows& rows_;
    std::vector<std::function<void(Rows&)>> steps_;
  };

  static auto& MapOf(Rows& rows, const KeyRecord&) { return rows.keys; }
  static auto& MapOf(Rows& rows, const PersonRecord&) { return rows.people; }
  static std::string IdOf(const KeyRecord& record) { return record.id; }
  static PersonId IdOf(const PersonRecord& record) { return {record.kind, record.tenant, record.id}; }

  template <typename Record>
  absl::Status ApplyOne(RowChange::Verb verb, const Record& record, Undo& undo) MCPGATE_REQUIRES(mutex_) {
    auto& map = MapOf(rows_, record);
    const auto id = IdOf(record);
    const auto row = map.find(id);
    if (verb == RowChange::Verb::kInsert) {
      if (row != map.end() || IsForgotten(record)) return absl::AlreadyExistsError("this id is taken");
      if (absl::Status status = TakeExternals(record, undo); !status.ok()) return status;
      map.emplace(id, record);
      undo.Add([record, id](Rows& rows) { MapOf(rows, record).erase(id); });
      return absl::OkStatus();
    }
    if (row == map.end()) return absl::NotFoundError("there is no such row");
    const std::int64_t expected = record.version - (verb == RowChange::Verb::kUpdate ? 1 : 0);
    if (row->second.version != expected)
      return absl::AbortedError("the row was changed by someone else; read it again");
    undo.Add([id, before = row->second](Rows& rows) { MapOf(rows, before)[id] = before; });
    GiveExternals(row->second, undo);
    if (verb == RowChange::Verb::kErase) {
      map.erase(row);
      return absl::OkStatus();
    }
    row->second = record;
    return TakeExternals(record, undo);
  }

  bool IsForgotten(const KeyRecord& record) MCPGATE_REQUIRES(mutex_) {
    return forgotten_.contains(record.id);
  }
  static bool IsForgotten(const PersonRecord&) { return false; }
  static absl::Status TakeExternals(const KeyRecord&, Undo&) { return absl::OkStatus(); }
  static void GiveExternals(const KeyRecord&, Undo&) {}
  absl::Status TakeExternals(const PersonRecord& record, Undo& undo) MCPGATE_REQUIRES(mutex_) {
    for (const std::string& external : record.externals) {
      const ExternalId id(record.tenant, external);
      if (!rows_.externals.insert(id).second)
        return absl::AlreadyExistsError("the external id " + external + " is taken");
      undo.Add([id](Rows& rows) { rows.externals.erase(id); });
    }
    return absl::OkStatus();
  }
  void GiveExternals(const PersonRecord& record, Undo& undo) MCPGATE_REQUIRES(mutex_) {
    for (const std::string& external : record.externals) {
      const ExternalId id(record.tenant, external);
      rows_.externals.erase(id);
      undo.Add([id](Rows& rows) { rows.externals.insert(id); });
    }
  }

  std::atomic<std::uint64_t> revision_{0};
  Mutex mutex_;
  Rows rows_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::string, KeyUse> uses_ MCPGATE_GUARDED_BY(mutex_);
  std::set<std::string> forgotten_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyStore> NewMemoryKeyStore() { return std::make_unique<MemoryKeyStore>(); }

}  // namespace mcpgate
