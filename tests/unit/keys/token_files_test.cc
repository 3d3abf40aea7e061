#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "keys/token_provision.h"
#include "support/temp_dir.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

const TenantScope kOperator = TenantScope::Operator();

struct Stop {};  // thrown where a process would have died

struct Provisioning : testing::KeyringFixture {
  Provisioning() : admin(ring->admin()), directory(temp / "mcp-tokens") {
    parent = Issue({.name = "laptop", .grants = {.role = Role::kWriter}});
  }
  SessionRequest Request() const { return {.parent = parent.record.id, .name = "session"}; }
  std::unique_ptr<TokenFiles> Open() {
    auto files = TokenFiles::New({.directory = directory, .admin = &admin});
    REQUIRE_MESSAGE(files.ok(), files.status().ToString());
    return *std::move(files);
  }
  std::string Content(const std::string& path) const {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int Files() const {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      files += entry.path().filename() != ".lock" ? 1 : 0;
    return files;
  }
  std::vector<KeyInfo> Sessions() {
    const auto page = admin.List(kOperator, {.parent = parent.record.family});
    REQUIRE(page.ok());
    return page->keys;
  }
  int LiveSessions() {
    int live = 0;
    for (const KeyInfo& info : Sessions()) live += info.state != KeyInfo::State::kRevoked ? 1 : 0;
    return live;
  }

  testing::TempDir temp;
  KeyAdmin& admin;
  std::string directory;
  IssuedKey parent;
};

TEST_CASE("a provisioned token is a live session, in a file that only its owner can read") {
  Provisioning store;
  const auto made = store.Open()->Provision(kOperator, store.Request(), "Claude Desktop");
  REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  CHECK(made->name == "claude-desktop");
  CHECK(made->path == store.directory + "/claude-desktop.token");
  CHECK(store.Content(made->path) == RevealSecret(made->session.token));
  struct stat found {};
  REQUIRE(stat(made->path.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0600);
  CHECK(store.RefusalOf(made->session.token) == KeyRefusal::kNone);
  CHECK(store.Files() == 1);
}

TEST_CASE("a name that is taken gets a number, and no link is followed") {
  Provisioning store;
  const auto files = store.Open();
  CHECK(files->Provision(kOperator, store.Request(), "x")->name == "x");
  CHECK(files->Provision(kOperator, store.Request(), "x")->name == "x-2");
  const std::string target = store.temp / "elsewhere";
  std::filesystem::create_symlink(target, store.directory + "/x-3.token");
  CHECK(files->Provision(kOperator, store.Request(), "x")->name == "x-4");
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("a label becomes a plain name") {
  CHECK(Slug("Claude Desktop") == "claude-desktop");
  CHECK(Slug("../../etc/passwd") == "etc-passwd");
  CHECK(Slug("Łódź") == "d");
  CHECK(Slug("") == "client");
  CHECK(Slug("...") == "client");
  CHECK(Slug(std::string(500, 'a')).size() == 40);
  CHECK(Slug(std::string("a\0b", 3)) == "a-b");
}

TEST_CASE("a directory that others can reach, or a link in its place, is refused") {
  Provisioning store;
  const auto refused = [&] {
    return absl::IsFailedPrecondition(
        TokenFiles::New({.directory = store.directory, .admin = &store.admin}).status());
  };
  std::filesystem::create_directory(store.directory);
  chmod(store.directory.c_str(), 0750);
  CHECK(refused());
  std::filesystem::remove(store.directory);
  std::filesystem::create_directory(store.temp / "real");
  chmod((store.temp / "real").c_str(), 0700);
  std::filesystem::create_symlink(store.temp / "real", store.directory);
  CHECK(refused());
}

TEST_CASE("nothing is left of a token whose session is refused") {
  Provisioning store;
  SessionRequest request = store.Request();
  request.grants = Grants{.role = Role::kAdmin};
  CHECK(absl::IsInvalidArgument(store.Open()->Provision(kOperator, request, "x").status()));
  CHECK(store.Files() == 0);
  CHECK(store.LiveSessions() == 0);
}

TEST_CASE("a token that is stopped after any of its steps ends as nothing or as a session with its file") {
  const std::vector<std::string> steps = {"intent",  "minted",  "draft", "linked",
                                          "written", "enabled", "done"};
  for (const std::string& last : steps) {
    CAPTURE(last);
    Provisioning store;
    store.Open();
    Secret token;
    {
      const auto files = PrivateFiles::Open(store.directory);
      REQUIRE(files.ok());
      TokenProvision provision(**files, store.admin, [&](std::string_view step) {
        if (step == last) throw Stop{};
      });
      CHECK_THROWS_AS(provision.Run(kOperator, store.Request(), "x").status().IgnoreError(), Stop);
    }
    // Before anybody repairs it, a session without its file opens nothing.
    const bool has_file = std::filesystem::exists(store.directory + "/x.token");
    for (const KeyInfo& info : store.Sessions()) CHECK((info.state == KeyInfo::State::kDisabled || has_file));
    store.Open();  // repairs
    const bool whole = last == "enabled" || last == "done";
    CHECK(store.Files() == (whole ? 1 : 0));
    CHECK(store.LiveSessions() == (whole ? 1 : 0));
    if (whole) {
      CHECK(store.RefusalOf(Secret(store.Content(store.directory + "/x.token"))) == KeyRefusal::kNone);
    }
  }
}

TEST_CASE("a repair that is stopped is repaired again") {
  Provisioning store;
  store.Open();
  const auto files = PrivateFiles::Open(store.directory);
  TokenProvision provision(**files, store.admin, [](std::string_view step) {
    if (step == "linked") throw Stop{};
  });
  CHECK_THROWS_AS(provision.Run(kOperator, store.Request(), "x").status().IgnoreError(), Stop);
  store.store->before_change = [] { return absl::UnavailableError("gone"); };
  CHECK_FALSE(TokenFiles::New({.directory = store.directory, .admin = &store.admin}).ok());
  store.store->before_change = nullptr;
  store.Open();
  CHECK(store.Files() == 0);
  CHECK(store.LiveSessions() == 0);
}

TEST_CASE("a sweep removes the files of sessions that are over, and nobody else's") {
  Provisioning store;
  const auto files = store.Open();
  const auto over = files->Provision(kOperator, store.Request(), "over");
  const auto live = files->Provision(kOperator, store.Request(), "live");
  std::ofstream(store.directory + "/notes.token") << "mine";
  REQUIRE(store.admin.Revoke(kOperator, over->session.record.id).ok());
  const auto removed = files->Sweep();
  REQUIRE(removed.ok());
  CHECK(*removed == 1);
  CHECK_FALSE(std::filesystem::exists(over->path));
  CHECK(std::filesystem::exists(live->path));
  CHECK(std::filesystem::exists(store.directory + "/notes.token"));
}

TEST_CASE("a sweep removes the file of a session whose key has ended, and not of one that is disabled") {
  Provisioning store;
  const auto files = store.Open();
  const auto made = files->Provision(kOperator, store.Request(), "x");
  REQUIRE(made.ok());
  REQUIRE(store.admin.SetDisabled(kOperator, store.parent.record.id, true).ok());
  CHECK(*files->Sweep() == 0);
  REQUIRE(store.admin.Revoke(kOperator, store.parent.record.id).ok());
  CHECK(*files->Sweep() == 1);
  CHECK_FALSE(std::filesystem::exists(made->path));
}

TEST_CASE("a sweep goes on in parts, and a dry run removes nothing") {
  Provisioning store;
  const auto files = store.Open();
  for (const char* label : {"a", "b", "c", "d"}) {
    const auto made = files->Provision(kOperator, store.Request(), label);
    REQUIRE(made.ok());
    if (std::string_view(label) == "b") continue;
    REQUIRE(store.admin.Revoke(kOperator, made->session.record.id).ok());
  }
  using Names = std::vector<std::string>;
  CHECK(files->SweepSome({.dry_run = true})->files == Names{"a.token", "c.token", "d.token"});
  CHECK(store.Files() == 4);
  const auto first = files->SweepSome({.most = 2});
  REQUIRE(first.ok());
  CHECK(first->files == Names{"a.token"});
  CHECK(first->next == "b.token");
  const auto second = files->SweepSome({.after = first->next, .most = 2});
  REQUIRE(second.ok());
  CHECK(second->files == Names{"c.token", "d.token"});
  CHECK(second->next.empty());
  CHECK(store.Files() == 1);
}

TEST_CASE("whoever only looks repairs nothing") {
  Provisioning store;
  store.Open();
  const auto files = PrivateFiles::Open(store.directory);
  TokenProvision provision(**files, store.admin, [](std::string_view step) {
    if (step == "minted") throw Stop{};
  });
  CHECK_THROWS_AS(provision.Run(kOperator, store.Request(), "x").status().IgnoreError(), Stop);
  const auto looking =
      TokenFiles::New({.directory = store.directory, .admin = &store.admin, .repair = false});
  REQUIRE(looking.ok());
  REQUIRE((*looking)->SweepSome({.dry_run = true}).ok());
  CHECK(store.LiveSessions() == 1);
  store.Open();
  CHECK(store.LiveSessions() == 0);
}

}  // namespace
}  // namespace mcpgate
