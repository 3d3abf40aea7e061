// What ended long ago, removed by hosts and by `mcpgate gc`.
#include "common/housekeeping.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "command_line.h"
#include "common/job_ttl.h"
#include "environment.h"
#include "mcpgate/sqlite.h"
#include "mcpgate/token_files.h"
#include "support/fake_clock.h"

namespace mcpgate::hosts {
namespace {

const TenantScope kOperator = TenantScope::Operator();

// A data directory with a live key, a revoked one with a session in a file, and a task that is over.
struct House {
  House() {
    auto opened = SqliteStorage::Open({.directory = dir / "data", .clock = &clock});
    REQUIRE(opened.ok());
    storage = *std::move(opened);
    auto made = Keyring::New({.store = storage->keys(), .root_key = storage->root_key(), .clock = &clock});
    REQUIRE(made.ok());
    ring = *std::move(made);
    live = *ring->admin().Issue(kOperator, {.name = "live"});
    ended = *ring->admin().Issue(kOperator, {.name = "ended"});
    auto files = TokenFiles::New({.directory = tokens, .admin = &ring->admin()});
    REQUIRE(files.ok());
    const auto provide = [&](const IssuedKey& parent, const char* label) {
      auto token = (*files)->Provision(
          kOperator, {.parent = parent.record.id, .name = label, .lifetime = std::chrono::days(60)}, label);
      REQUIRE(token.ok());
      return token->path;
    };
    live_file = provide(live, "live");
    ended_file = provide(ended, "ended");
    REQUIRE(ring->admin().Revoke(kOperator, ended.record.id).ok());
    REQUIRE(storage->tasks()
                ->Insert({.id = "task", .owner = "o", .told = "{}", .forget_at = clock.Now() + Nanos(1)})
                .ok());
  }
  Household Parts() {
    return {.keys = &ring->admin(),
            .tasks = storage->tasks().get(),
            .audit = storage->audit().get(),
            .token_files = tokens,
            .clock = &clock};
  }
  Collected MustCollect(bool dry_run) {
    const auto collected = Collect(Parts(), dry_run);
    REQUIRE_MESSAGE(collected.ok(), collected.status().ToString());
    return *collected;
  }
  bool Has(const IssuedKey& key) { return ring->admin().Show(kOperator, key.record.id).ok(); }

  testing::TempDir dir;
  testing::FakeClock clock;
  const std::string tokens = dir / "data/mcp-tokens";
  std::unique_ptr<SqliteStorage> storage;
  std::unique_ptr<Keyring> ring;
  IssuedKey live, ended;
  std::string live_file, ended_file;
};

TEST_CASE("what ended longer ago than it is kept goes, and the trail names it before it is gone") {
  House house;
  house.clock.Advance(std::chrono::days(8));
  const Collected counted = house.MustCollect(/*dry_run=*/true);
  CHECK(house.Has(house.ended));
  CHECK(std::filesystem::exists(house.ended_file));
  const Collected collected = house.MustCollect(/*dry_run=*/false);
  for (const Collected& each : {counted, collected}) {
    CHECK(each.keys == 1);
    CHECK(each.sessions == 1);
    CHECK(each.tasks == 1);
    CHECK(each.token_files == 1);
  }
  CHECK(house.Has(house.live));
  CHECK_FALSE(house.Has(house.ended));
  CHECK(std::filesystem::exists(house.live_file));
  CHECK_FALSE(std::filesystem::exists(house.ended_file));

  REQUIRE(house.storage->audit()->Flush().ok());
  std::vector<std::string> told;
  const auto records = house.storage->trail()->Read(kOperator, {});
  REQUIRE(records.ok());
  for (const StoredAudit& record : *records) told.push_back(record.body);
  const auto says = [&](const std::string& action, const std::string& phase, const std::string& text) {
    return std::count_if(told.begin(), told.end(), [&](const std::string& body) {
      return body.find(action) != body.npos && body.find(phase) != body.npos && body.find(text) != body.npos;
    });
  };
  CHECK(says("keys.forget", "\"phase\":\"intent\"", house.ended.record.id) == 1);
  CHECK(says("keys.forget", "\"phase\":\"outcome\"", house.ended.record.id) == 1);
  CHECK(says("tokens.sweep", "\"phase\":\"intent\"", "ended.token") == 1);
  const Collected again = house.MustCollect(/*dry_run=*/false);
  CHECK(again.keys + again.sessions + again.tasks + again.token_files == 0);
}

TEST_CASE("nothing goes before its time but tasks and files, which nobody can use any more") {
  House house;
  house.clock.Advance(std::chrono::days(6));
  const Collected collected = house.MustCollect(/*dry_run=*/false);
  CHECK(collected.keys + collected.sessions == 0);
  CHECK(house.Has(house.ended));
}

TEST_CASE("nothing goes that the trail does not take") {
  class NoTrail final : public AuditSink {
   public:
    absl::Status Append(AuditRecord, AuditDurability) override { return absl::UnavailableError("full"); }
    absl::Status Ready() override { return absl::UnavailableError("full"); }
    absl::Status Flush() override { return absl::OkStatus(); }
  };
  House house;
  house.clock.Advance(std::chrono::days(8));
  NoTrail none;
  Household parts = house.Parts();
  parts.audit = &none;
  CHECK(absl::IsUnavailable(Collect(parts, /*dry_run=*/false).status()));
  CHECK(house.Has(house.ended));
  CHECK(std::filesystem::exists(house.ended_file));
}

TEST_CASE("collecting stops after the batch under way when it is told so, and is taken up again") {
  House house;
  for (int i = 0; i < 120; ++i) {
    const auto key = house.ring->admin().Issue(kOperator, {.name = "more"});
    REQUIRE(house.ring->admin().Revoke(kOperator, key->record.id).ok());
  }
  house.clock.Advance(std::chrono::days(8));
  const auto some = Collect(house.Parts(), /*dry_run=*/false, [] { return false; });
  REQUIRE(some.ok());
  CHECK_FALSE(some->is_complete);
  CHECK(some->keys > 0);
  CHECK(some->keys <= 60);
  const Collected rest = house.MustCollect(/*dry_run=*/false);
  CHECK(rest.is_complete);
  CHECK(some->keys + rest.keys == 121);
}

TEST_CASE("a housekeeper collects by itself until it dies") {
  House house;
  house.clock.Advance(std::chrono::days(8));
  {
    const Housekeeper keeper({.household = house.Parts(), .first = Nanos(0), .pause = Nanos(0)});
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (house.Has(house.ended) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }
  CHECK_FALSE(house.Has(house.ended));
  CHECK(house.Has(house.live));
}

TEST_CASE("how long what ended is kept comes from the option, its variable or the alias") {
  using std::chrono::days;
  const testing::ScopedVariable none("MCP_JOB_TTL_MS", nullptr);
  CHECK(**ReadJobTtl("") == days(7));
  CHECK(**ReadJobTtl("90d") == days(90));
  CHECK_FALSE(ReadJobTtl("off")->has_value());
  CHECK_FALSE(ReadJobTtl("0s").ok());
  CHECK_FALSE(ReadJobTtl("soon").ok());
  const testing::ScopedVariable alias("MCP_JOB_TTL_MS", "60000");
  CHECK(**ReadJobTtl("") == std::chrono::minutes(1));
  CHECK(**ReadJobTtl("2d") == days(2));
  for (const char* wrong : {"-1", "1.5", "1e3", "99999999999999999999", "7d"}) {
    const testing::ScopedVariable bad("MCP_JOB_TTL_MS", wrong);
    CHECK_FALSE(ReadJobTtl("").ok());
  }
}

TEST_CASE_FIXTURE(testing::CommandLine,
                  "gc removes keys that ended, by the option or the variable, and counts first") {
  const std::string live = StringOr(Create()["key"], "id", "");
  const std::string ended = StringOr(Create()["key"], "id", "");
  Ask({"keys", "revoke", ended});
  CHECK(Ask({"gc"})["keys"] == 0);
  CHECK(Ask({"gc", "--job-ttl", "1ms", "--dry-run"})["keys"] == 1);
  CHECK(Ask({"keys", "list", "--all"})["keys"].size() == 2);
  const Json removed = Ask({"gc", "--job-ttl", "1ms"});
  CHECK(removed == Json{{"dry_run", false},
                        {"job_ttl", "1ms"},
                        {"keys", 1},
                        {"sessions", 0},
                        {"tasks", 0},
                        {"token_files", 0}});
  const Json left = Ask({"keys", "list", "--all"})["keys"];
  REQUIRE(left.size() == 1);
  CHECK(left[0]["id"] == live);
  CHECK(Call({"keys", "show", ended}).code == 1);
  CHECK(Ask({"audit", "verify"})["state"] == "intact");
  CHECK(Call({"gc", "--job-ttl", "off"}).code == 2);
}

}  // namespace
}  // namespace mcpgate::hosts
