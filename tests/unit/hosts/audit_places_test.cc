// Records beside audit.db, as processes: where they go, and what readiness tells of it.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::HttpHost;

TEST_CASE_FIXTURE(HttpHost, "a host writes lines beside audit.db, and verify reads them") {
  const std::string token = MakeToken(), lines = dir / "audit.jsonl";
  Start({"--audit-lines", lines});
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  const absl::StatusOr<Json> report = ParseJson(Get("/readyz").body);
  REQUIRE(report.ok());
  CHECK(BoolOr((*report)["checks"]["audit_lines"], "ok", false));
  CHECK(BoolOr((*report)["checks"]["audit_db"], "ok", false));
  CHECK(Stop().code == 0);
  const Json verdict = CommandLine::Ask({"audit", "verify", "--lines", lines});
  CHECK(verdict["records"] == 1);
  CHECK(CommandLine::Ask({"audit", "list", "--action", "discord_*"})["records"].size() == 1);
  std::string text = testing::ReadFile(lines);
  text.replace(text.find("discord"), 7, "Discord");
  testing::WriteFile(lines, text);
  CHECK(Call({"audit", "verify", "--lines", lines}).code == 2);  // the last line does not hold
}

TEST_CASE_FIXTURE(HttpHost, "without audit.db the lines have the calls alone") {
  const std::string token = MakeToken(), lines = dir / "audit.jsonl";
  Start({"--audit-lines", lines, "--audit-db", "off"});
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  CHECK(Stop().code == 0);
  CHECK(CommandLine::Ask({"audit", "verify", "--lines", lines})["records"] == 1);
  CHECK(CommandLine::Ask({"audit", "list", "--action", "discord_*"})["records"].empty());
}

TEST_CASE_FIXTURE(HttpHost,
                  "two hosts cannot share a file of lines, and a host without a place does not start") {
  Start({"--audit-lines", dir / "audit.jsonl"});
  const testing::Ended second =
      Refused({"--sandbox", "--listen", "127.0.0.1:0", "--audit-lines", dir / "audit.jsonl"});
  CHECK(second.code == 1);
  CHECK(second.err.find("give each process its own") != std::string::npos);
  CHECK(Refused({"--sandbox", "--listen", "127.0.0.1:0", "--audit-syslog", "/dev/log"}).code == 2);
}

// Asks /readyz until it answers `status`, or for half a minute.
Json ReadinessOnce(const HttpHost& host, int status) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  testing::Answer answer;
  do {
    answer = host.Get("/readyz");
  } while (answer.status != status && std::chrono::steady_clock::now() < patience);
  CHECK(answer.status == status);
  return ParseJson(answer.body).value_or(Json());
}

TEST_CASE_FIXTURE(HttpHost, "while the lines cannot be written nothing takes effect and readiness says why") {
  const std::string token = MakeToken(), folder = dir / "log", away = dir / "away";
  std::filesystem::create_directory(folder);
  Start({"--audit-lines", folder + "/audit.jsonl", "--audit-db", "best-effort"});
  const auto post = [&] {
    const Json message = {{"channel_id", "1"}, {"content", "x"}};
    return ParseJson(CallTool(token, "discord_send_message", message).body).value_or(Json());
  };
  CHECK(post().contains("result"));
  std::filesystem::rename(folder, away);
  CHECK(IntegerOr(post()["error"], "code", 0) == 50301);
  const Json report = ReadinessOnce(*this, 503);
  CHECK_FALSE(BoolOr(report["checks"]["audit_lines"], "ok", true));
  CHECK(BoolOr(report["checks"]["audit_db"], "ok", false));
  std::filesystem::rename(away, folder);
  ReadinessOnce(*this, 200);
  CHECK(post().contains("result"));
}

TEST_CASE_FIXTURE(HttpHost, "a syslog that is not there is told and decides nothing") {
  const std::string token = MakeToken();
  Start({"--audit-syslog", "unix:" + (dir / "log")});
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  Json report;
  do {
    report = ParseJson(Get("/readyz").body).value_or(Json());
  } while (BoolOr(report["checks"]["audit_syslog"], "ok", true) &&
           std::chrono::steady_clock::now() < patience);
  CHECK_FALSE(BoolOr(report["checks"]["audit_syslog"], "ok", true));
  CHECK(BoolOr(report, "ready", false));
  CHECK(CallTool(token, "discord_list_channels").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "a host signs checkpoints into a file, and verify agrees with them") {
  const std::string token = MakeToken(), file = dir / "checkpoint";
  Start({"--audit-checkpoint-file", file, "--audit-checkpoint-records", "1"});
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  CHECK(Stop().code == 0);
  REQUIRE(std::filesystem::exists(file));
  CHECK(testing::ReadFile(file).find("\n3\n") != std::string::npos);
  CHECK(Call({"audit", "verify", "--checkpoint", file}).code == 0);
}

}  // namespace
}  // namespace mcpgate::hosts
