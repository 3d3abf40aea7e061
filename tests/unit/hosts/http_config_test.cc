// mcpgate-http's settings: where they come from, which of them win, how a wrong one is told.
#include <doctest/doctest.h>

#include <string>

#include "http/config_file.h"
#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::Ended;
using testing::HttpHost;

struct Configured : HttpHost {
  std::string file = dir / "gate.json";
  void Write(std::string_view text) const { testing::WriteFile(file, text); }
  Ended Told(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--config", file});
    return Refused(std::move(more));
  }
};

TEST_CASE_FIXTURE(Configured, "a file says all that options say, with comments") {
  Write(R"({
    // an URL in a string is no comment
    "allow-origin": ["https://app.example"],
    "path": "/gate", /* another
                        path */
    "allow-host": ["gate.example", "localhost"],
    "access-log": false,
    "address-limit": "off",
    "sandbox-seed": 7
  })");
  Start({"--config", file});
  CHECK(Ask("POST", "/gate", "", "gate.example").status == 401);
  CHECK(Ask("POST", "/gate", "Origin: https://app.example\r\n").status == 401);
  CHECK(Ask("POST", "/gate", "Origin: https://evil.example\r\n").status == 403);
  CHECK(Ask("POST", "/gate", "", "127.0.0.1").status == 403);
  CHECK(Stop().err.find("\"method\"") == std::string::npos);
}

TEST_CASE_FIXTURE(Configured, "an option wins over a variable, a variable over the file") {
  Write(R"({"path": "/file", "allow-host": ["file.example"], "access-log": "off", "grace": "1s"})");
  Start({"--path", "/option"}, {{"MCPGATE_HTTP_CONFIG", file},
                                {"MCPGATE_HTTP_PATH", "/variable"},
                                {"MCPGATE_HTTP_ALLOW_HOSTS", "variable.example,second.example"}});
  CHECK(Ask("POST", "/option", "", "variable.example").status == 401);
  CHECK(Ask("POST", "/option", "", "second.example").status == 401);
  CHECK(Ask("POST", "/option", "", "file.example").status == 403);
}

TEST_CASE_FIXTURE(Configured, "a wrong file is 2, and the first mistake is told with its line") {
  const struct {
    const char* text;
    const char* line;
    const char* told;
  } kRows[] = {
      {"{\n  \"listen\": \"nowhere\"\n}", ":2: ", "'nowhere' is no place to listen"},
      {"{\n\n  \"lisen\": \"127.0.0.1:0\"\n}", ":3: ", "there is no setting 'lisen'"},
      {"{\n  \"path\": \"/mcp\"\n  \"sandbox\": true\n}", ":3: ", "not acceptable JSON"},
      {"{\n  \"trusted-proxy\": [\n    \"10.0.0.0/8\", \"10/8\"]}", ":2: ", "'10/8' is not a network"},
      {"{\"path\": null}", ":1: ", "path: the value is a string"},
      {"{\"path\": [\"/a\", \"/b\"]}", ":1: ", "one value is expected"},
      {"{\"limit\": [\"burst=never\"]}", ":1: ", "is not a limit"},
      {"{\"insecure\": \"perhaps\"}", ":1: ", "insecure: true or false is expected"},
      {"{\"config\": \"other.json\"}", ":1: ", "there is no setting 'config'"},
      {"[]", ":1: ", "one JSON object"},
      {"{\"path\": \"/a\", \"path\": \"/b\"}", ":1: ", "appears twice"},
      {"/* no end", ":1: ", "not acceptable JSON"},
  };
  for (const auto& row : kRows) {
    Write(row.text);
    const Ended ended = Told({"--sandbox"});
    CAPTURE(row.text);
    CAPTURE(ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.err.find(file + row.line) != std::string::npos);
    CHECK(ended.err.find(row.told) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Configured, "a file that is not there is named") {
  const Ended ended = Told();
  CHECK(ended.code == 2);
  CHECK(ended.err.find(file) != std::string::npos);
}

TEST_CASE_FIXTURE(Configured, "a wrong option is 2, and names what may stand there") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--listen", "127.0.0.1"},
                                                {"--listen", "127.0.0.1:70000"},
                                                {"--listen", "example.com:80"},
                                                {"--path", "mcp"},
                                                {"--path", "/metrics"},
                                                {"--trusted-proxy", "10.0.0.0/33"},
                                                {"--address-limit", "600"},
                                                {"--failure-limit", "exact:0/1m"},
                                                {"--access-log", "loud"},
                                                {"--grace", "10"},
                                                {"--no-such-option"}}) {
    const Ended ended = Refused(words);
    CAPTURE(words[0]);
    CAPTURE(ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find(words[0]) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Configured, "a certificate without its key is refused") {
  const Ended ended = Refused({"--sandbox", "--tls-cert", "chain.pem"});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("--tls-key") != std::string::npos);
}

TEST_CASE("settings come in the order of their lines, each with its own") {
  const auto settings = ParseConfig("{\n\"b\": \"a\",\n\n\"a\": [1, true, \"x\"] // \"c\": 1\n}");
  REQUIRE(settings.ok());
  REQUIRE(settings->size() == 2);
  CHECK((*settings)[0].name == "b");
  CHECK((*settings)[0].line == 2);
  CHECK((*settings)[1].line == 4);
  CHECK((*settings)[1].values == std::vector<std::string>{"1", "true", "x"});
}

}  // namespace
}  // namespace mcpgate::hosts
