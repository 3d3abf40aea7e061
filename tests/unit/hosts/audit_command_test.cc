// mcpgate audit, as a process.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "command_line.h"
#include "edit_trail.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;

TEST_CASE_FIXTURE(CommandLine, "tail shows as many of the newest as were asked for, oldest first") {
  Create();
  Create();
  const std::vector<Json> records = AskLines({"audit", "tail", "-n", "3"});
  REQUIRE(records.size() == 3);
  CHECK(IntegerOr(records[0], "seq", 0) + 2 == IntegerOr(records[2], "seq", 0));
}

TEST_CASE_FIXTURE(CommandLine, "tail shows one key's, one action's or one outcome's records") {
  const std::string id = StringOr(Create()["key"], "id", "");
  Create();
  Ask({"keys", "revoke", id});
  CHECK(AskLines({"audit", "tail", "--key", id}).size() == 3);
  CHECK(AskLines({"audit", "tail", "--action", "keys.create"}).size() == 4);
  CHECK(AskLines({"audit", "tail", "--outcome", "ok"}).size() == 3);
  CHECK(AskLines({"audit", "tail", "--outcome", "deny"}).empty());
}

TEST_CASE_FIXTURE(CommandLine, "list leads through the trail by cursors, newest first") {
  const std::string id = StringOr(Create({"--tenant", "acme"})["key"], "id", "");
  Create();
  const Json first = Ask({"audit", "list", "-n", "3"});
  REQUIRE(first["records"].size() == 3);
  CHECK(first["records"][0]["seq"] == 4);
  const Json second = Ask({"audit", "list", "-n", "3", "--cursor", StringOr(first, "next", "")});
  REQUIRE(second["records"].size() == 1);
  CHECK(second["records"][0]["seq"] == 1);
  CHECK(second["next"] == "");
  CHECK(Ask({"audit", "list", "-n", "3", "--cursor", StringOr(second, "previous", "")})["records"] ==
        first["records"]);
  CHECK(Ask({"audit", "list", "--key", id, "--class", "admin", "--since", "1h"})["records"].size() == 1);
  CHECK(Ask({"audit", "list", "--until", "1h"})["records"].empty());
  CHECK(Ask({"audit", "list", "--action", "keys.*", "--oldest-first", "-n", "1"})["records"][0]["seq"] == 1);
  CHECK(Call({"audit", "list", "--cursor", "x"}).code == 1);
  const Ended wrong = Call({"audit", "list", "--since", "soon"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("--since: 'soon'") != std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "search finds a text in any field") {
  Create();
  Ask({"keys", "create", "--name", "Tower"});
  CHECK(Ask({"audit", "search", "tower"})["records"].size() == 2);
  CHECK(Ask({"audit", "search", "nothing of the kind"})["records"].empty());
}

TEST_CASE_FIXTURE(CommandLine, "a person gets a line for each record") {
  Create();
  const Ended ended = Call({"audit", "tail"});
  CHECK(ended.code == 0);
  CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 2);
  CHECK(ended.out.find("keys.create") != std::string::npos);
  CHECK(ended.out.find('\x1b') == std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "a follower sees what comes and ends at SIGTERM") {
  Create();
  testing::Program follower({testing::kMcpgate, "--json", "--data", data, "audit", "tail", "--follow"});
  follower.ReadLine();
  follower.ReadLine();
  const std::string id = StringOr(Create()["key"], "id", "");
  follower.ReadLine();
  const absl::StatusOr<Json> outcome = ParseJson(follower.ReadLine());
  REQUIRE(outcome.ok());
  CHECK(StringOr(*outcome, "key", "") == id);
  follower.Signal(SIGTERM);
  CHECK(follower.Wait().code == 0);
}

TEST_CASE_FIXTURE(CommandLine, "verify names the first record that was changed") {
  Create();
  Create();
  REQUIRE(
      testing::EditTrail(data, "UPDATE audit SET body = replace(body, 'laptop', 'labtop') WHERE seq = 3"));
  const Ended ended = Call({"--json", "audit", "verify"});
  CHECK(ended.code == 1);
  const absl::StatusOr<Json> verdict = ParseJson(ended.out);
  REQUIRE(verdict.ok());
  CHECK((*verdict)["state"] == "tampered");
  CHECK((*verdict)["first_bad"] == 3);
}

TEST_CASE_FIXTURE(CommandLine, "verify notices that the end is missing") {
  Create();
  Create();
  REQUIRE(testing::EditTrail(data, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"));
  const Ended ended = Call({"audit", "verify"});
  CHECK(ended.code == 2);
  CHECK(ended.out.find("truncated") != std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine,
                  "a checkpoint kept elsewhere shows that the trail was put back to an older copy") {
  Create();
  std::filesystem::copy_file(data + "/audit.db", dir / "older");
  Create();
  const Ended made = Call({"audit", "checkpoint"});
  REQUIRE(made.code == 0);
  const std::string note = dir / "note", notes = dir / "notes";
  testing::WriteFile(note, made.out);
  REQUIRE(std::filesystem::create_directory(notes));
  testing::WriteFile(notes + "/checkpoint-4", made.out);
  CHECK(Call({"audit", "verify", "--checkpoint", note}).code == 0);
  for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(data + "/audit.db" + end);
  std::filesystem::rename(dir / "older", data + "/audit.db");
  CHECK(Call({"audit", "verify"}).code == 0);
  CHECK(Call({"audit", "verify", "--checkpoint", note}).code == 2);
  const Ended by_directory = Call({"--json", "audit", "verify", "--checkpoint", notes});
  CHECK(by_directory.code == 2);
  CHECK(ParseJson(by_directory.out).value_or(Json())["first_bad"] == 3);
  testing::WriteFile(note, "no note");
  CHECK(Call({"audit", "verify", "--checkpoint", note}).code == 3);
  CHECK(Call({"audit", "verify", "--checkpoint", dir / "missing"}).code == 3);
}

TEST_CASE_FIXTURE(CommandLine,
                  "an export verifies where there is no data directory, by the key that was told") {
  Create({"--tenant", "acme"});
  Create();
  const std::string file = dir / "export.jsonl";
  REQUIRE(Call({"audit", "export", "--outcome", "ok", "-o", file}).code == 0);
  CHECK(Call({"audit", "export", "-o", file}).code == 1);  // it replaces nothing
  std::string key = StringOr(Ask({"audit", "key"}), "verifier", "");
  std::filesystem::rename(data, data + ".away");
  const Ended good = Call({"--json", "audit", "verify", "--export", file, "--key", key});
  CHECK(good.code == 0);
  CHECK(ParseJson(good.out).value_or(Json())["records"] == 2);
  std::string text = testing::ReadFile(file);
  text.replace(text.find("laptop"), 6, "labtop");
  testing::WriteFile(file, text);
  CHECK(Call({"audit", "verify", "--export", file, "--key", key}).code == 1);
  testing::WriteFile(file, text.substr(0, text.rfind("{\"checkpoint")));
  CHECK(Call({"audit", "verify", "--export", file, "--key", key}).code == 2);
  CHECK(Call({"audit", "verify", "--export", file, "--key", "x"}).code == 3);
}

TEST_CASE_FIXTURE(CommandLine, "where there is no trail nothing is proved") {
  const Ended ended = Call({"audit", "verify"});
  CHECK(ended.code == 3);
}

}  // namespace
}  // namespace mcpgate::hosts
