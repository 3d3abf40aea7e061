// mcpgate-stdio and the stand-in for Discord, as processes: what an operator can count on.
#include <doctest/doctest.h>
#include <signal.h>

#include <string>

#include "command_line.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;
using testing::Program;

/// A key that may post, and calls of the 2026-07-28 era.
struct Posting : CommandLine {
  std::string key_file = dir / "writer.key";
  int last_id = 0;
  Json key = Create({"--role", "writer", "--channel", "*", "--key-file", key_file})["key"];

  std::vector<std::string> Words(std::vector<std::string> more) const {
    more.insert(more.begin(), {testing::kMcpgateStdio, "--data", data, "--key-file", key_file});
    return more;
  }
  /// The answer to one tools/call.
  Json CallTool(Program& host, const std::string& tool, Json arguments) {
    host.Write(DumpJson({{"jsonrpc", "2.0"},
                         {"id", ++last_id},
                         {"method", "tools/call"},
                         {"params",
                          {{"name", tool},
                           {"arguments", std::move(arguments)},
                           {"_meta",
                            {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                             {"io.modelcontextprotocol/clientInfo", {{"name", "test"}, {"version", "1"}}},
                             {"io.modelcontextprotocol/clientCapabilities", Json::object()}}}}}}) +
               "\n");
    return ParseJson(host.ReadLine()).value_or(Json());
  }
  std::string GeneralChannel(Program& host) {
    const Json answer = CallTool(host, "discord_list_channels", Json::object());
    for (const Json& channel : answer["result"]["structuredContent"]["channels"]) {
      if (StringOr(channel, "name", "") == "general") return StringOr(channel, "id", "");
    }
    return "";
  }
  Json Post(Program& host, const std::string& channel) {
    return CallTool(host, "discord_send_message", {{"channel_id", channel}, {"content", "hello"}});
  }
  void MustPost(Program& host, const std::string& channel) {
    const Json answer = Post(host, channel);
    INFO(DumpJson(answer));
    const Json* result = FindObject(answer, "result");
    REQUIRE(result != nullptr);
    CHECK_FALSE(BoolOr(*result, "isError", false));
  }
  static std::int64_t ErrorCode(const Json& answer) {
    const Json* error = FindObject(answer, "error");
    return error == nullptr ? 0 : IntegerOr(*error, "code", 0);
  }
};

TEST_CASE_FIXTURE(Posting, "the operator's posting limit holds across a restart") {
  const std::vector<std::string> words = Words({"--sandbox", "--posting-limit", "2/1h"});
  {
    Program host(words);
    const std::string general = GeneralChannel(host);
    MustPost(host, general);
    MustPost(host, general);
    CHECK(ErrorCode(Post(host, general)) == 42901);
    CHECK(host.Wait().code == 0);
  }
  Program host(words);
  CHECK(ErrorCode(Post(host, GeneralChannel(host))) == 42901);
}

TEST_CASE_FIXTURE(Posting,
                  "a key revoked at the command line is refused by the next call of a running server") {
  Program host(Words({"--sandbox"}));
  REQUIRE_FALSE(GeneralChannel(host).empty());
  Ask({"keys", "revoke", StringOr(key, "id", "")});
  CHECK(ErrorCode(CallTool(host, "discord_list_channels", Json::object())) == 40101);
}

TEST_CASE_FIXTURE(Posting, "a post leaves its intent and its outcome under the key's id") {
  Program host(Words({"--sandbox"}));
  MustPost(host, GeneralChannel(host));
  CHECK(host.Wait().code == 0);  // the outcome may be queued until then
  const std::vector<Json> records =
      AskLines({"audit", "tail", "--key", StringOr(key, "id", ""), "--action", "discord_send_message"});
  REQUIRE(records.size() == 2);
  CHECK(records[0]["phase"] == "intent");
  CHECK(records[1]["outcome"] == "ok");
  CHECK(records[1]["source"] == "stdio");
}

TEST_CASE_FIXTURE(Posting, "a server talks to a stand-in in another process, whose token is in a file") {
  const std::string token_file = dir / "sandbox.token";
  Program sandbox({testing::kMcpgate, "--json", "sandbox", "--seed", "3", "--token-file", token_file});
  const absl::StatusOr<Json> running = ParseJson(sandbox.ReadLine());
  REQUIRE(running.ok());
  CHECK(testing::ModeOf(token_file) == 0600);
  CHECK(FindMember(*running, "token") == nullptr);

  Program host(
      Words({"--discord-token-file", token_file, "--discord-url", StringOr(*running, "base_url", "")}));
  const std::string general = GeneralChannel(host);
  CHECK(general == StringOr((*running)["channels"], "general", "?"));
  MustPost(host, general);
  sandbox.Signal(SIGTERM);
  CHECK(sandbox.Wait().code == 0);
}

TEST_CASE_FIXTURE(Posting, "a stand-in started again with its token file keeps the token") {
  const std::string token_file = dir / "sandbox.token";
  const std::vector<std::string> words = {testing::kMcpgate, "--json", "sandbox", "--token-file", token_file};
  Program(words).ReadLine();
  const std::string token = testing::ReadFile(token_file);
  Program(words).ReadLine();
  CHECK_FALSE(token.empty());
  CHECK(testing::ReadFile(token_file) == token);
}

#if defined(__linux__)
TEST_CASE_FIXTURE(Posting, "a key in the environment is gone from it once the server runs") {
  const std::string token = testing::ReadFile(key_file).substr(0, 59);
  Program host({testing::kMcpgateStdio, "--data", data, "--sandbox", "--core-dumps"},
               {{"MCPGATE_API_KEY", token}});
  REQUIRE_FALSE(GeneralChannel(host).empty());
  const std::string environment = testing::ReadFile("/proc/" + std::to_string(host.pid()) + "/environ");
  CHECK(environment.find("MCPGATE_API_KEY") != std::string::npos);
  CHECK(environment.find("mcpg_k_") == std::string::npos);
}
#endif

}  // namespace
}  // namespace mcpgate::hosts
