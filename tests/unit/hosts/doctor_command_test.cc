// mcpgate doctor, as a process on data directories that something is wrong with.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "edit_trail.h"
#include "http_host.h"
#include "mcpgate/notice.h"
#include "mcpgate/sqlite.h"
#include "support/fake_clock.h"

namespace mcpgate::hosts {
namespace {

using testing::Ended;
using testing::HttpHost;

struct Doctor : HttpHost {
  using testing::CommandLine::Ask;
  int code = -1;
  Json report;

  Doctor() { Create({"--role", "writer"}); }

  void Examine(std::vector<std::string> more = {}, testing::Program::Variables variables = {}) {
    more.insert(more.begin(), {testing::kMcpgate, "--data", data, "--json", "doctor"});
    variables.emplace_back("HOME", dir.path().string());
    // Nobody listens at port 1 of the loopback interface.
    variables.emplace_back("MCPGATE_HTTP_LISTEN", "127.0.0.1:" + std::to_string(port == 0 ? 1 : port));
    const Ended ended = testing::Run(more, variables);
    code = ended.code;
    report = ParseJson(ended.out).value_or(Json());
    REQUIRE(report.is_object());
  }
  Json Check(const std::string& name) const {
    for (const Json& check : report["checks"]) {
      if (check["check"] == name) return check;
    }
    return Json::object();
  }
  std::string Grade(const std::string& name) const { return StringOr(Check(name), "grade", "missing"); }
};

TEST_CASE_FIXTURE(Doctor, "nothing is wrong with a fresh directory") {
  Examine();
  CHECK(code == 0);
  CHECK(report["ok"] == true);
  for (const char* name :
       {"data_directory", "file_system", "permissions", "locks", "gate.db", "audit.db", "root_key", "store",
        "keys", "audit_chain", "clock", "environment", "http_settings", "limits"}) {
    CAPTURE(name);
    CHECK(Grade(name) == "ok");
  }
  CHECK(Grade("http_listening") == "skipped");
}

TEST_CASE_FIXTURE(Doctor, "people get a table and what to do about each fault") {
  std::filesystem::permissions(data + "/root.key", std::filesystem::perms(0644));
  const Ended ended = Call({"doctor", "--quick"});
  CHECK(ended.code == 1);
  CHECK(ended.out.find("CHECK") != std::string::npos);
  CHECK(ended.out.find("chmod 600 '" + data + "/root.key'") != std::string::npos);
}

TEST_CASE_FIXTURE(Doctor, "a directory that is missing or open to others is a failure, and nothing is made") {
  std::filesystem::permissions(data, std::filesystem::perms(0755));
  Examine();
  CHECK(code == 1);
  CHECK(StringOr(Check("data_directory"), "todo", "") == "chmod 700 '" + data + "'");
  std::filesystem::remove_all(data);
  Examine();
  CHECK(Grade("data_directory") == "failure");
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(Doctor, "a lost root key is a failure") {
  std::filesystem::remove(data + "/root.key");
  Examine();
  CHECK(code == 1);
  CHECK(Grade("root_key") == "failure");
}

TEST_CASE_FIXTURE(Doctor,
                  "a file that others could read is a warning, and a failure when that is asked for") {
  std::filesystem::permissions(data + "/gate.db", std::filesystem::perms(0640));
  Examine();
  CHECK(code == 0);
  CHECK(Grade("permissions") == "warning");
  Examine({"--strict"});
  CHECK(code == 1);
}

TEST_CASE_FIXTURE(Doctor, "a damaged page is found") {
  const int file = open((data + "/gate.db").c_str(), O_WRONLY);
  REQUIRE(pwrite(file, "damaged damaged damaged", 23, 4096) == 23);
  close(file);
  Examine();
  CHECK(code == 1);
  CHECK(Grade("gate.db") == "failure");
}

TEST_CASE_FIXTURE(Doctor, "a changed record of the trail is found, unless that is left out") {
  testing::EditTrail(data, "UPDATE audit SET body = replace(body, 'laptop', 'desktop') WHERE seq = 1");
  Examine();
  CHECK(Grade("audit_chain") == "failure");
  Examine({"--quick"});
  CHECK(Grade("audit_chain") == "skipped");
}

TEST_CASE_FIXTURE(Doctor, "a directory without a live key is a warning") {
  const Json keys = Ask({"keys", "list"});
  Ask({"keys", "revoke", StringOr(keys["keys"][0], "id", "")});
  Examine();
  CHECK(code == 0);
  CHECK(Grade("keys") == "warning");
}

TEST_CASE_FIXTURE(Doctor, "a lock that somebody keeps is a failure that names it") {
  const int lock = open((data + "/audit.db.lock").c_str(), O_RDWR);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  Examine();
  close(lock);
  CHECK(code == 1);
  CHECK(StringOr(Check("locks"), "note", "").find("audit.db.lock") != std::string::npos);
}

TEST_CASE_FIXTURE(Doctor, "a secret that everybody knows is a failure, and is not repeated") {
  Examine({}, {{"MCPGATE_DISCORD_TOKEN", "changeme"}});
  CHECK(code == 1);
  CHECK(Grade("environment") == "failure");
  CHECK(DumpJson(report).find("changeme") == std::string::npos);
}

TEST_CASE_FIXTURE(Doctor, "settings that mcpgate-http would refuse are a failure with its words") {
  testing::WriteFile(dir / "http.json", "{\"lissen\": \"127.0.0.1:1\"}");
  Examine({"--config", dir / "http.json"});
  CHECK(code == 1);
  CHECK(StringOr(Check("http_settings"), "note", "").find("lissen") != std::string::npos);
}

TEST_CASE_FIXTURE(Doctor, "a limit that is off is a warning") {
  Examine({}, {{"MCPGATE_POSTING_LIMIT", "off"}});
  CHECK(Grade("limits") == "warning");
}

TEST_CASE_FIXTURE(Doctor, "a server at work on the directory is seen, and is no fault") {
  Start();
  Examine();
  CHECK(code == 0);
  CHECK(Grade("http_listening") == "ok");
  CHECK(Grade("locks") == "ok");
}

TEST_CASE_FIXTURE(HttpHost, "settings are checked without serving") {
  const Ended good = testing::Run({testing::kMcpgateHttp, "--check", "--listen", "127.0.0.1:8123"});
  CHECK(good.code == 0);
  CHECK(good.out == "the settings hold; it would serve MCP at http://127.0.0.1:8123/mcp\n");
  CHECK(testing::Run({testing::kMcpgateHttp, "--check", "--listen", "0.0.0.0:80"}).code == 2);
  testing::WriteFile(dir / "cert.pem", "no certificate");
  CHECK(testing::Run(
            {testing::kMcpgateHttp, "--check", "--tls-cert", dir / "cert.pem", "--tls-key", dir / "cert.pem"})
            .code == 2);
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(HttpHost, "a host does not start with a placeholder for a secret") {
  const Ended ended = Refused({"--listen", "127.0.0.1:0"}, {{"MCPGATE_DISCORD_TOKEN", "your-bot-token"}});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("MCPGATE_DISCORD_TOKEN is a placeholder") != std::string::npos);
  const Ended stdio =
      testing::Run({testing::kMcpgateStdio, "--data", data, "--sandbox"}, {{"MCPGATE_API_KEY", "changeme"}});
  CHECK(stdio.code == 2);
  CHECK(stdio.err.find("MCPGATE_API_KEY is a placeholder") != std::string::npos);
  const Ended other =
      Refused({"--listen", "127.0.0.1:0", "--sandbox"}, {{"MCPGATE_VAULT_PASSPHRASE", "secret"}});
  CHECK(other.code == 2);
  CHECK(other.err.find("MCPGATE_VAULT_PASSPHRASE") != std::string::npos);
}

TEST_CASE_FIXTURE(Doctor, "notices that nobody sends, or that do not arrive, are a warning") {
  Examine({"--quick"});
  CHECK(Grade("notices") == "missing");
  testing::FakeClock clock;
  auto storage = SqliteStorage::Open({.directory = data, .clock = &clock});
  REQUIRE(storage.ok());
  const auto outbox = (*storage)->notices();
  REQUIRE(outbox.ok());
  Examine({"--quick"});
  CHECK(Grade("notices") == "ok");
  const auto claim = [&] { return (*outbox)->Claim("slack", 1, std::chrono::minutes(5))->size(); };
  CHECK(claim() == 0);
  REQUIRE((*outbox)->Post({.kind = "test", .summary = "of a year ago"}).ok());
  Examine({"--quick"});
  CHECK(Grade("notices") == "warning");
  CHECK(Check("notices")["note"] == "no server sends them to slack; 1 wait");
  for (int i = 0; i < 3; ++i, clock.Advance(std::chrono::minutes(5))) CHECK(claim() == 1);
  Examine({"--quick"});
  CHECK(Check("notices")["note"] == "they do not arrive at slack; 1 wait");
}

}  // namespace
}  // namespace mcpgate::hosts
