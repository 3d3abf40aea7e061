// Where notices go, and mcpgate notices, as processes.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;
using testing::HttpHost;

struct Telling : HttpHost {
  std::string SecretFile(const std::string& name, const std::string& text) const {
    const std::string path = dir / name;
    testing::WriteFile(path, text);
    chmod(path.c_str(), 0600);
    return path;
  }
  const std::string secret = SecretFile("hook.token", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
};

TEST_CASE_FIXTURE(Telling, "a place that cannot be is 2, and the option is named") {
  const std::string wrong = SecretFile("wrong.token", "hunter2hunter2\n");
  const struct {
    std::vector<std::string> words;
    const char* told;
  } kRows[] = {
      {{"--notice-webhook", "https://example.org"}, "--notice-webhook-secret-file: must be whsec_"},
      {{"--notice-webhook", "https://example.org", "--notice-webhook-secret-file", wrong},
       "--notice-webhook-secret-file: must be whsec_"},
      {{"--notice-webhook", "http://example.org", "--notice-webhook-secret-file", secret},
       "--notice-webhook: the URL begins with http://"},
      {{"--notice-slack-url-file", wrong}, "--notice-slack-url-file: the URL must begin with https://"},
      {{"--notice-mail", "smtps://example.org"}, "--notice-mail-from: must be a mail address"},
      {{"--notice-mail", "smtps://example.org", "--notice-mail-from", "a@example.org"},
       "--notice-mail-to: must be 1 to 16 mail addresses"},
  };
  for (const auto& row : kRows) {
    for (const char* mode : {"--sandbox", "--check"}) {
      std::vector<std::string> words = row.words;
      words.emplace_back(mode);
      const Ended ended = Refused(words);
      CHECK(ended.code == 2);
      CHECK_MESSAGE(ended.err.find(row.told) != std::string::npos, ended.err);
      CHECK(ended.err.find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE_FIXTURE(Telling,
                  "a secret comes from a variable too, and a variable wins over the file of settings") {
  const std::string file = dir / "gate.json";
  testing::WriteFile(
      file, R"({"notice-webhook": "https://example.org", "notice-webhook-secret-file": "/nowhere"})");
  CHECK(Refused({"--check", "--config", file}).code == 2);
  CHECK(Refused({"--check", "--config", file}, {{"MCPGATE_NOTICE_WEBHOOK_SECRET_FILE", secret}}).code == 0);
  CHECK(Refused({"--check", "--config", file},
                {{"MCPGATE_NOTICE_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}})
            .code == 0);
  CHECK(Refused({"--check"}, {{"MCPGATE_NOTICE_WEBHOOK", "https://example.org"}}).code == 2);
}

TEST_CASE_FIXTURE(Telling, "what waits is listed once a server has asked for it") {
  Create();
  CHECK(CommandLine::Ask({"notices", "list"})["waiting"].empty());
  CHECK(CommandLine::Ask({"notices", "test"})["posted"] == true);
  CHECK(CommandLine::Ask({"notices", "list"})["waiting"].empty());
  Start({"--notice-mail", "smtp://127.0.0.1:9", "--notice-mail-from", "a@example.org", "--notice-mail-to",
         "b@example.org"});
  Json waiting = Json::array();
  for (int i = 0; i < 100 && waiting.empty(); ++i) waiting = CommandLine::Ask({"notices", "list"})["waiting"];
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0]["place"] == "mail");
  CHECK(waiting[0]["notice"]["type"] == "test");
  CHECK(Get("/metrics").body.find("mcpgate_notices_delivered_total{place=\"mail\"} 0\n") !=
        std::string::npos);
  CHECK(Call({"notices", "list"}).out.find("a test, asked for at the command line") != std::string::npos);
  const std::string err = Stop().err;
  CHECK(err.find("notices do not arrive at mail: ") != std::string::npos);
  CHECK(CommandLine::Ask({"notices", "forget", "mail"})["forgotten"] == "mail");
  CHECK(CommandLine::Ask({"notices", "list"})["waiting"].empty());
  CHECK(Call({"notices", "forget", "mail"}).code == 1);
  CHECK(CommandLine::Ask({"audit", "list", "--action", "notices.test"})["records"].size() == 2);
}

TEST_CASE_FIXTURE(CommandLine, "a key that another replaced is told of by whoever issued it") {
  Ask({"principals", "create", "ada", "--issue-policy", "replace"});
  Create({"--principal", "ada"});
  CHECK(access((data + "/notices.db").c_str(), F_OK) != 0);
  Create({"--principal", "ada"});
  CHECK(access((data + "/notices.db").c_str(), F_OK) == 0);
}

}  // namespace
}  // namespace mcpgate::hosts
