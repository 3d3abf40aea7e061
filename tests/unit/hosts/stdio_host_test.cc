// mcpgate-stdio, as a process: how it starts, refuses to and ends.
#include <doctest/doctest.h>
#include <signal.h>

#include <string>

#include "command_line.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;
using testing::Program;

constexpr char kDiscover[] = R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{)"
                             R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},)"
                             R"("io.modelcontextprotocol/clientCapabilities":{}}}})"
                             "\n";

std::string Listen(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{)"
         R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{}}}})"
         "\n";
}

struct Host : CommandLine {
  std::string key_file = dir / "laptop.key";

  Json MakeKey() const { return Create({"--role", "writer", "--channel", "*", "--key-file", key_file}); }
  std::vector<std::string> Words(std::vector<std::string> more) const {
    more.insert(more.begin(), {testing::kMcpgateStdio, "--data", data});
    return more;
  }
  Ended Serve(std::vector<std::string> more, const Program::Variables& variables = {}) const {
    return testing::Run(Words(std::move(more)), variables);
  }
};

TEST_CASE_FIXTURE(Host, "without a key it says how to get one and exits") {
  const Ended ended = Serve({"--sandbox"});
  CHECK(ended.code == 2);
  CHECK(ended.out.empty());
  CHECK(ended.err.find("mcpgate --data '" + data + "' keys create") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(Host, "every key that is not accepted is refused in the same words") {
  const Json created = MakeKey();
  const std::string id = StringOr(created["key"], "id", "");
  const std::string token = testing::ReadFile(key_file);
  std::string wrong_secret = token.substr(0, token.size() - 1);
  wrong_secret[30] = wrong_secret[30] == 'a' ? 'b' : 'a';
  const Ended malformed = Serve({"--sandbox"}, {{"MCPGATE_API_KEY", "nonsense"}});
  const Ended mistyped = Serve({"--sandbox"}, {{"MCPGATE_API_KEY", wrong_secret}});
  Ask({"keys", "revoke", id});
  const Ended revoked = Serve({"--sandbox", "--key-file", key_file});
  CHECK(malformed.code == 2);
  CHECK(malformed.err.find("keys create") != std::string::npos);
  CHECK(mistyped.err == malformed.err);
  CHECK(mistyped.code == malformed.code);
  CHECK(revoked.err == malformed.err);
  CHECK(revoked.code == malformed.code);
}

TEST_CASE_FIXTURE(Host, "without a bot token it says where to get one and exits") {
  MakeKey();
  const Ended ended = Serve({"--key-file", key_file});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("--discord-token-file") != std::string::npos);
  CHECK(ended.err.find("--sandbox") != std::string::npos);
}

TEST_CASE_FIXTURE(Host, "it answers, and ends well when input ends") {
  MakeKey();
  Program host(Words({"--sandbox", "--key-file", key_file}));
  host.Write(kDiscover);
  const absl::StatusOr<Json> answer = ParseJson(host.ReadLine());
  REQUIRE(answer.ok());
  CHECK(FindObject(*answer, "result") != nullptr);
  const Ended ended = host.Wait();
  CHECK(ended.code == 0);
  CHECK(ended.out.empty());
  CHECK(ended.err.empty());
}

TEST_CASE_FIXTURE(Host, "it serves listens, forgets a cancelled one, and answers the others at its end") {
  MakeKey();
  Program host(Words({"--sandbox", "--key-file", key_file}));
  const auto hear = [&host] { return ParseJson(host.ReadLine()).value_or(nullptr); };
  for (const char* id : {"1", "2"}) {
    host.Write(Listen(id));
    CHECK(StringOr(hear(), "method", "") == "notifications/subscriptions/acknowledged");
  }
  host.Write(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"
             "\n");
  host.Write(kDiscover);
  const Json discovered = hear();
  REQUIRE(FindObject(discovered, "result") != nullptr);
  CHECK(discovered["result"].contains("capabilities"));
  host.CloseInput();
  const Json last = hear();
  CHECK(last["id"] == 2);
  CHECK(last["result"]["resultType"] == "complete");
  const Ended ended = host.Wait();
  CHECK(ended.code == 0);
  CHECK(ended.out.empty());
}

TEST_CASE_FIXTURE(Host, "SIGTERM and SIGINT end it well") {
  MakeKey();
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    Program host(Words({"--sandbox", "--key-file", key_file}));
    host.Write(kDiscover);
    CHECK_FALSE(host.ReadLine().empty());
    host.Signal(number);
    CHECK(host.ReadLine().empty());
    CHECK(host.Wait().code == 0);
  }
}

TEST_CASE_FIXTURE(Host, "everything can be said by environment variables") {
  MakeKey();
  Program host({testing::kMcpgateStdio}, {{"MCPGATE_DATA", data},
                                          {"MCPGATE_API_KEY_FILE", key_file},
                                          {"MCPGATE_SANDBOX", "1"},
                                          {"MCPGATE_POSTING_LIMIT", "2/1m"},
                                          {"MCPGATE_LIMITS", "burst=off,daily=exact:9/1d"},
                                          {"MCPGATE_LOG_LEVEL", "info"}});
  host.Write(kDiscover);
  CHECK_FALSE(host.ReadLine().empty());
  const Ended ended = host.Wait();
  CHECK(ended.code == 0);
  CHECK(ended.err == "info serving, Discord is the sandbox\n");
}

TEST_CASE_FIXTURE(Host, "a wrong option is 2, and names what may stand there") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--limit", "burst=never"},
                                                {"--posting-limit", "5"},
                                                {"--log-level", "loud"},
                                                {"--sandbox-latency-ms", "-1"},
                                                {"--no-such-option"}}) {
    const Ended ended = Serve(words);
    CAPTURE(ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK_FALSE(ended.err.empty());
  }
}

TEST_CASE_FIXTURE(Host, "help and version are the only things it prints itself") {
  CHECK(Serve({"--help"}).out.find("MCPGATE_API_KEY_FILE") != std::string::npos);
  CHECK(Serve({"--version"}).out.starts_with("mcpgate-stdio "));
}

}  // namespace
}  // namespace mcpgate::hosts
