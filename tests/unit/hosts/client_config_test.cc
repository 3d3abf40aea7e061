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

const ConfigEntry kEntry{.value = {{"command", "/usr/bin/mcpgate-stdio"},
                                   {"args", {"--sandbox"}},
                                   {"env", {{"MCPGATE_API_KEY_FILE", "/k"}}}}};

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

  absl::StatusOr<ConfigChange> Add(const ConfigEntry& entry = kEntry) {
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
  CHECK(Parsed() == Json{{"mcpServers", {{"mcpgate", kEntry.value}}}});
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
  expected["mcpServers"]["mcpgate"] = kEntry.value;
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
  CHECK(Parsed()["mcpServers"]["mcpgate"] == kEntry.value);
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
    expected["mcpServers"]["mcpgate"] = kEntry.value;
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
    CHECK_FALSE(CheckClientConfig(file.path, kEntry).ok());
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
  ConfigEntry second = kEntry;
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

TEST_CASE_FIXTURE(Fixture, "comments and a comma too many stay for a client that takes them") {
  constexpr char kCommented[] = R"({
  // mine
  "servers": {
    "one": {"url": "http://x//y"}, /* the last */ // one
  },
  "inputs": [ /* none */ ]
}
)";
  WriteFile(path, kCommented);
  ConfigEntry entry = kEntry;
  entry.servers = "servers";
  entry.dialect = JsonDialect::kComments;
  entry.prompt = {{"id", "key"}};
  REQUIRE(Add(entry).ok());
  const std::string after = ReadFile(path);
  for (const char* kept : {"// mine", "\"http://x//y\"}, /* the last */ // one\n", "/* none */"}) {
    CAPTURE(kept);
    CHECK(after.find(kept) != std::string::npos);
  }
  const Json parsed = ParseJsonText(after, JsonDialect::kComments).value_or(Json());
  CHECK(parsed["servers"]["mcpgate"] == entry.value);
  CHECK(parsed["servers"]["one"]["url"] == "http://x//y");
  CHECK(parsed["inputs"] == Json::array({{{"id", "key"}}}));

  REQUIRE(Add(entry).ok());
  CHECK(ParseJsonText(ReadFile(path), JsonDialect::kComments).value_or(Json()) == parsed);
}

TEST_CASE("an entry is put behind the last one, whatever stands there") {
  ConfigEntry entry = kEntry;
  entry.dialect = JsonDialect::kComments;
  for (const char* before :
       {"{\"mcpServers\":{}} // end", "{\"mcpServers\":{ // none yet\n}}", "{\"mcpServers\":{\"a\":1}}",
        "{\"mcpServers\":{\"a\":1,}}", "{\"mcpServers\":{\"a\":1 // first\n}}",
        "{\"mcpServers\":{\"a\":[1,2,],},}", "/* , */ {\"mcpServers\":{\"a\":\"// no comment\"/**/}}",
        "// mine\n{}", "{\"a\":[]}"}) {
    CAPTURE(before);
    Fixture file;
    WriteFile(file.path, before);
    REQUIRE(file.Add(entry).ok());
    Json expected = ParseJsonText(before, JsonDialect::kComments).value();
    expected["mcpServers"]["mcpgate"] = entry.value;
    CHECK(ParseJsonText(ReadFile(file.path), JsonDialect::kComments).value_or(Json()) == expected);
  }
}

TEST_CASE("a comma that separates nothing is a mistake in every dialect") {
  for (const char* text : {"{,}", "[,]", "{\"a\":1,,}", "[1,,]", "{\"a\":,}"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseJsonText(text, JsonDialect::kComments).ok());
  }
}

}  // namespace
}  // namespace mcpgate::hosts
