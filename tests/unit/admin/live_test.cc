// Watching the trail grow, over a stored one.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "admin/live_audit.h"
#include "mcpgate/audit.h"
#include "mcpgate/sqlite.h"
#include "support/temp_dir.h"
#include "support/tenant.h"

namespace mcpgate::testing {
namespace {

/// A stream whose text can be waited for.
class Stream final : public HttpExchange {
 public:
  void Respond(HttpResponse) override { FAIL("a stream was begun"); }
  void BeginStream(HttpResponse) override {}
  bool Write(std::string bytes) override {
    const std::lock_guard lock(mutex_);
    if (is_slow_) return false;
    text_ += bytes;
    changed_.notify_all();
    return true;
  }
  void End() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void OnGone(absl::AnyInvocable<void()>) override {}

  bool WaitFor(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return text_.find(text) != text_.npos; });
  }
  bool WaitForEnd() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return ended_; });
  }
  bool Has(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return text_.find(text) != text_.npos;
  }
  void ReadNoMore() {
    const std::lock_guard lock(mutex_);
    is_slow_ = true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  bool ended_ = false, is_slow_ = false;
};

struct Trail {
  Trail() {
    auto opened = SqliteStorage::Open({.directory = (folder.path() / "data").string()});
    REQUIRE(opened.ok());
    storage = *std::move(opened);
    trail = storage->trail();
    live.emplace(*trail);
  }
  void Write(const std::string& action, const std::string& tenant) {
    AuditRecord record;
    record.action = action;
    record.tenant = tenant;
    REQUIRE(storage->audit()->Append(record, AuditDurability::kBefore).ok());
  }
  std::shared_ptr<Stream> Watch(
      TenantScope scope, std::uint64_t after, std::function<bool()> may = [] { return true; }) {
    auto stream = std::make_shared<Stream>();
    REQUIRE(live->Add({.scope = std::move(scope),
                       .after = after,
                       .viewer = admin::NewEventStream(stream),
                       .may_watch = std::move(may)}));
    return stream;
  }

  TempDir folder;
  std::unique_ptr<SqliteStorage> storage;
  std::shared_ptr<AuditTrail> trail;
  std::optional<admin::LiveAudit> live;
};

TEST_CASE("a record is told once it is durable, with its number, to those who may see it") {
  Trail trail;
  const auto all = trail.Watch(TenantScope::Operator(), 0);
  const auto acme = trail.Watch(ScopeOf("acme"), 0);
  trail.Write("first", "other");
  trail.Write("second", "acme");
  CHECK(all->WaitFor("\"action\":\"second\""));
  CHECK(acme->WaitFor("id: 2\nevent: record\ndata: {\"action\":\"second\""));
  CHECK(all->Has("\"action\":\"first\""));
  CHECK_FALSE(acme->Has("\"action\":\"first\""));
}

TEST_CASE("who comes back with the last number gets the rest, and nothing twice") {
  Trail trail;
  for (const char* action : {"first", "second", "third"}) trail.Write(action, "acme");
  const auto stream = trail.Watch(TenantScope::Operator(), 2);
  CHECK(stream->WaitFor("third"));
  CHECK_FALSE(stream->Has("second"));
  CHECK(*trail.live->Newest() == 3);
}

TEST_CASE("a slow reader, one who may no longer, and all at the end are cut off") {
  Trail trail;
  const auto slow = trail.Watch(TenantScope::Operator(), 0);
  slow->ReadNoMore();
  trail.Write("first", "acme");
  CHECK(slow->WaitForEnd());
  CHECK(trail.Watch(TenantScope::Operator(), 0, [] { return false; })->WaitForEnd());
  const auto last = trail.Watch(TenantScope::Operator(), 0);
  CHECK(last->WaitFor("first"));
  trail.live->EndAll();
  CHECK(last->WaitForEnd());
}

TEST_CASE("there is room for a bounded number of watchers, and again when they have left") {
  Trail trail;
  std::vector<std::shared_ptr<Stream>> streams;
  while (trail.live->HasRoom()) streams.push_back(trail.Watch(TenantScope::Operator(), 0));
  CHECK(streams.size() == 64);
  trail.live->EndAll();
  for (const auto& stream : streams) CHECK(stream->WaitForEnd());
}

}  // namespace
}  // namespace mcpgate::testing
