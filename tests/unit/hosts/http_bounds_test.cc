// The bounds that an operator can set, of both hosts.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/bounds.h"
#include "environment.h"
#include "http/options.h"
#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::Answer;
using testing::Client;
using testing::Ended;
using testing::HttpHost;
using testing::ScopedVariable;

std::vector<Bound> AllBounds(HttpHostOptions& options) {
  std::vector<Bound> all = ServerBounds(options);
  for (Bound& bound : HttpBounds(options)) all.push_back(std::move(bound));
  return all;
}

// Something that no bound is shipped with.
std::string Another(const Bound& bound) {
  if (bound.unit == Bound::Unit::kTime) return "7m";
  return bound.unit == Bound::Unit::kBytes ? "7KiB" : "7";
}

ParsedHttpOptions ParseWords(std::vector<std::string> words) {
  words.insert(words.begin(), "mcpgate-http");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ParseHttpOptions(static_cast<int>(argv.size()), argv.data());
}

struct Bounded : HttpHost {
  std::string file = dir / "gate.json";

  std::string MakeText(const std::string& method, const std::string& token, const std::string& fields,
                       const std::string& body) const {
    return method + " /mcp HTTP/1.1\r\nHost: localhost\r\n" + Bearer(token) +
           "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  Answer Initialize(const std::string& token) const {
    Client client(port);
    return client.Ask(
        MakeText("POST", token, "",
                 R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
                 R"("2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"));
  }
};

TEST_CASE("every bound can be set by an option") {
  std::vector<std::string> words;
  HttpHostOptions shipped;
  for (const Bound& bound : AllBounds(shipped)) {
    REQUIRE(ValueText(bound) != Another(bound));
    words.push_back("--" + std::string(bound.name));
    words.push_back(Another(bound));
  }
  ParsedHttpOptions parsed = ParseWords(words);
  REQUIRE_MESSAGE(!parsed.exit_code.has_value(), parsed.err);
  for (const Bound& bound : AllBounds(parsed.options)) {
    CAPTURE(bound.name);
    CHECK(ValueText(bound) == Another(bound));
  }
}

TEST_CASE_FIXTURE(Bounded, "every bound can be set by a file, and a variable or an option wins") {
  HttpHostOptions shipped;
  Json said = Json::object();
  for (const Bound& bound : AllBounds(shipped)) said[std::string(bound.name)] = Another(bound);
  testing::WriteFile(file, DumpJson(said));
  const ScopedVariable variable("MCPGATE_MAX_TASKS", "8");
  const ScopedVariable of_http("MCPGATE_HTTP_KEEP_ALIVE", "8s");
  ParsedHttpOptions parsed = ParseWords({"--config", file, "--max-body", "8MiB"});
  REQUIRE_MESSAGE(!parsed.exit_code.has_value(), parsed.err);
  for (const Bound& bound : AllBounds(parsed.options)) {
    CAPTURE(bound.name);
    const std::string expected = bound.name == "max-tasks"    ? "8"
                                 : bound.name == "keep-alive" ? "8s"
                                 : bound.name == "max-body"   ? "8MiB"
                                                              : Another(bound);
    CHECK(ValueText(bound) == expected);
  }
}

TEST_CASE("without a word every bound is the library's") {
  ParsedHttpOptions parsed = ParseWords({});
  CHECK(parsed.options.server.session_idle == ServerOptions().session_idle);
  CHECK(parsed.options.kept_tasks.bytes == TaskStoreLimits().bytes);
  CHECK(parsed.options.streams.replay.bytes == ReplayLimits().bytes);
  CHECK(parsed.options.listener.idle_timeout == HttpListenerOptions().idle_timeout);
}

TEST_CASE("mcpgate-stdio has the bounds of calls, questions and tasks") {
  const Ended help = testing::Run({testing::kMcpgateStdio, "--help"});
  for (const char* told : {"--max-running-tasks N (Env:MCPGATE_MAX_RUNNING_TASKS)", "[256MiB]", "[5m]"}) {
    CHECK(help.out.find(told) != std::string::npos);
  }
  CHECK(help.out.find("--max-sessions") == std::string::npos);
  const Ended wrong = testing::Run({testing::kMcpgateStdio, "--ask-patience", "soon"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("--ask-patience: 'soon' is not a duration") != std::string::npos);
}

TEST_CASE("a bound that cannot be is told by its option") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--max-sessions", "0"},
                                                {"--max-sessions", "-1"},
                                                {"--max-asking", "1001"},
                                                {"--keep-alive", "off"},
                                                {"--keep-alive", "15"},
                                                {"--call-deadline", "366d"},
                                                {"--idle-timeout", "25h"},
                                                {"--max-body", "4XB"},
                                                {"--task-bytes", "99999999999999999999GiB"},
                                                {"--disconnect-after", "never"}}) {
    const ParsedHttpOptions parsed = ParseWords(words);
    CAPTURE(words[0]);
    CAPTURE(parsed.err);
    CHECK(parsed.exit_code == 2);
    CHECK(parsed.err.find(words[0]) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Bounded, "mcpgate-http keeps the bounds of sessions and bodies it is told") {
  const std::string token = MakeToken();
  Start({"--max-sessions-of-key", "1", "--max-body", "1KiB"});
  CHECK(Initialize(token).status == 200);
  CHECK(Initialize(token).body.find("42902") != std::string::npos);
  Client client(port);
  CHECK(client.Ask(MakeText("POST", token, "", std::string(1025, ' '))).status == 413);
}

TEST_CASE_FIXTURE(Bounded,
                  "mcpgate-http ends a stream's connection when it is told to, and says when to come back") {
  const std::string token = MakeToken();
  Start({"--disconnect-after", "20ms", "--retry", "7s"});
  const std::string session = Initialize(token).Field("Mcp-Session-Id");
  Client client(port);
  const Answer stream = client.Ask(MakeText("GET", token, "Mcp-Session-Id: " + session + "\r\n", ""));
  CHECK(stream.status == 200);
  CHECK(stream.is_whole);
  CHECK(stream.body.find("retry: 7000\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Bounded, "a reload names the bounds that need a restart") {
  const std::string token = MakeToken();
  testing::WriteFile(file, R"({"max-sessions": 5})");
  Start({"--config", file});
  testing::WriteFile(file, R"({"max-sessions": 6, "max-tasks": 7, "path": "/mcp"})");
  program->Signal(SIGHUP);
  // Of two pending signals the smaller number is taken first: SIGHUP.
  const Ended ended = Stop();
  CHECK(ended.err.find("the new max-sessions needs a restart") != std::string::npos);
  CHECK(ended.err.find("the new max-tasks needs a restart") != std::string::npos);
  CHECK(ended.err.find("the new replay") == std::string::npos);
}

}  // namespace
}  // namespace mcpgate::hosts
