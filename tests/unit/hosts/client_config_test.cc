#include "common/client_config.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "common/json_text.h"
#include "environment.h"
#include "files.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace mcpgate::hosts {
namespace {

using testing::ModeOf;
using testing::NamesIn;
using testing::ReadFile;
using testing::WriteFile;

const ClientEntry kEntry{.command = "/usr/bin/mcpgate-stdio",
                         .arguments = {"--sandbox"},
                         .environment = {{"MCPGATE_API_KEY_FILE", "/k"}}};

// Somebody's file, with an order, spacing, numbers and escapes that a re-writer would not keep.
constexpr char kForeign[] = R"({
	"zeta": 1.00, "mcpServers":  {
    "other": {"command":"npx",  "args": ["-y", "a,b}\"]"], "env": {"N": "\u0041"}}
  },
  "alpha": 1e2
}
)";

/// A configuration file and a clock that the edits are dated by.
struct Fixture {
  testing::TempDir dir;
  std::string path = dir / "claude_desktop_config.json";
  testing::FakeClock clock;

  absl::StatusOr<ConfigChange> Add(const ClientEntry& entry = kEntry) {
    clock.Advance(std::chrono::seconds(1));
    return AddClientEntry(path, entry, clock.Now());
  }
  absl::StatusOr<ConfigUndo> Undo() {
    clock.Advance(std::chrono::seconds(1));
    return UndoClientEntry(path, clock.Now());
  }
  Json Parsed() const { return ParseJson(ReadFile(path)).value_or(Json()); }
};

TEST_CASE_FIXTURE(Fixture, "a missing file is made, with its directory, for its owner alone") {
  path = dir / "Claude/config.json";
  REQUIRE(Add().ok());
  CHECK(Parsed() == Json{{"mcpServers", {{"mcpgate", ClientEntryJson(kEntry)}}}});
  CHECK(ModeOf(path) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "an entry is added and every foreign byte stays") {
  WriteFile(path, kForeign, 0644);
  const absl::StatusOr<ConfigChange> change = Add();
  REQUIRE(change.ok());
  CHECK_FALSE(change->replaced);
  const std::string after = ReadFile(path);
  const std::string_view foreign = kForeign;
  const std::size_t place = foreign.find("}}\n  },") + 2;
  CHECK(after.starts_with(foreign.substr(0, place)));
  CHECK(after.ends_with(foreign.substr(place)));
  Json expected = ParseJson(kForeign).value();
  expected["mcpServers"]["mcpgate"] = ClientEntryJson(kEntry);
  CHECK(Parsed() == expected);
  CHECK(ModeOf(path) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "an entry of the same name is replaced and its neighbours stay") {
  WriteFile(path, R"({"mcpServers":{"a":1,"mcpgate":{"command":"old"},"z":[{}]}})");
  const absl::StatusOr<ConfigChange> change = Add();
  REQUIRE(change.ok());
  CHECK(change->replaced);
  const std::string after = ReadFile(path);
  CHECK(after.starts_with(R"({"mcpServers":{"a":1,"mcpgate":{)"));
  CHECK(after.ends_with(R"(,"z":[{}]}})"));
  CHECK(Parsed()["mcpServers"]["mcpgate"] == ClientEntryJson(kEntry));
}

TEST_CASE("an entry is added to every shape of file") {
  for (const char* before :
       {"", "  \n", "{}", "{ }", "{\n}\n", R"({"a":{"mcpServers":{}}})", R"({"mcpServers":{}})",
        R"({"mcpServers" : { } , "b":"}"})", "\xEF\xBB\xBF{\"a\":1}", R"({"a":[1,{"b":[]}]})",
        R"({"mcp\u0053ervers":{"x":{}}})", R"({"a":-1.5e+3,"b":null,"c":true})"}) {
    CAPTURE(before);
    Fixture file;
    WriteFile(file.path, before);
    REQUIRE(file.Add().ok());
    Json expected = ParseJson(before).value_or(Json::object());
    expected["mcpServers"]["mcpgate"] = ClientEntryJson(kEntry);
    CHECK(file.Parsed() == expected);
  }
}

TEST_CASE("a file that is not a configuration is refused and nothing changes") {
  for (const char* before : {"{", "[]", "null", "{} x", R"({"a":1,"a":2})", R"({"mcpServers":[]})",
                             R"({"mcpServers":null})", "// mine\n{}", "{\"a\":\"\xFF\"}"}) {
    CAPTURE(before);
    Fixture file;
    WriteFile(file.path, before, 0640);
    const absl::StatusOr<ConfigChange> change = file.Add();
    REQUIRE(absl::IsInvalidArgument(change.status()));
    CHECK(std::string(change.status().message()).find(file.path) != std::string::npos);
    CHECK_FALSE(CheckClientConfig(file.path).ok());
    CHECK(ReadFile(file.path) == before);
    CHECK(ModeOf(file.path) == 0640);
    CHECK(NamesIn(file.dir.path()).size() == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "what was there before is kept beside the file, for its owner alone") {
  WriteFile(path, kForeign, 0644);
  const absl::StatusOr<ConfigChange> change = Add();
  REQUIRE(change.ok());
  CHECK(change->backup == path + ".mcpgate-backup-20260101T000001Z");
  CHECK(ReadFile(change->backup) == kForeign);
  CHECK(ModeOf(change->backup) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "two changes within one second keep both backups") {
  WriteFile(path, "{}");
  REQUIRE(AddClientEntry(path, kEntry, clock.Now()).ok());
  REQUIRE(AddClientEntry(path, kEntry, clock.Now()).ok());
  CHECK(NamesIn(dir.path()).size() == 3);
  const absl::StatusOr<ConfigUndo> undo = Undo();
  REQUIRE(undo.ok());
  CHECK(Parsed()["mcpServers"].size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "undo restores the bytes of before and keeps what it replaced") {
  WriteFile(path, kForeign);
  REQUIRE(Add().ok());
  const std::string changed = ReadFile(path);
  const absl::StatusOr<ConfigUndo> undo = Undo();
  REQUIRE(undo.ok());
  CHECK(ReadFile(path) == kForeign);
  CHECK(ReadFile(undo->set_aside) == changed);
  CHECK_FALSE(undo->removed);
}

TEST_CASE_FIXTURE(Fixture, "undo goes one change further back each time, and then says so") {
  WriteFile(path, "{}");
  REQUIRE(Add().ok());
  const std::string once = ReadFile(path);
  ClientEntry second = kEntry;
  second.name = "second";
  REQUIRE(Add(second).ok());
  REQUIRE(Undo().ok());
  CHECK(ReadFile(path) == once);
  REQUIRE(Undo().ok());
  CHECK(ReadFile(path) == "{}");
  CHECK(absl::IsNotFound(Undo().status()));
  CHECK(ReadFile(path) == "{}");
}

TEST_CASE_FIXTURE(Fixture, "undo of the very first change removes the file again") {
  REQUIRE(Add().ok());
  const absl::StatusOr<ConfigUndo> undo = Undo();
  REQUIRE(undo.ok());
  CHECK(undo->removed);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(ReadFile(undo->set_aside).empty());
}

TEST_CASE_FIXTURE(Fixture, "a link to the file stays a link") {
  WriteFile(dir / "dotfiles/config.json", "{}");
  std::filesystem::create_symlink(dir / "dotfiles/config.json", path);
  REQUIRE(Add().ok());
  CHECK(std::filesystem::is_symlink(path));
  CHECK(ReadFile(dir / "dotfiles/config.json").find("mcpgate-stdio") != std::string::npos);
}

#if !defined(__APPLE__)
TEST_CASE("the usual place follows XDG_CONFIG_HOME") {
  const testing::ScopedVariable home("HOME", "/people/ada");
  const testing::ScopedVariable unset("XDG_CONFIG_HOME", nullptr);
  CHECK(ClaudeDesktopConfigPath() == "/people/ada/.config/Claude/claude_desktop_config.json");
  const testing::ScopedVariable set("XDG_CONFIG_HOME", "/etc/ada");
  CHECK(ClaudeDesktopConfigPath() == "/etc/ada/Claude/claude_desktop_config.json");
}
#endif

}  // namespace
}  // namespace mcpgate::hosts
