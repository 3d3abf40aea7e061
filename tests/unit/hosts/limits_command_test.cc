// Budgets in force, and mcpgate limits and usage, as processes.
#include <string>

#include "http_host.h"

namespace mcpgate::testing {
namespace {

constexpr char kTool[] = "check_server_status";
constexpr char kBudgets[] = "mine=calls:3/total,ours=calls:100/month per tenant alert 2";

struct Spending : HttpHost {
  Json created = Create({"--role", "reader", "--channel", "*"});
  const std::string token = StringOr(created, "token", "");
  const std::string id = StringOr(created["key"], "id", "");
  const std::string settings = dir / "http.json";

  Spending() {
    WriteFile(settings, R"({"budget": ["mine=calls:3/total", "ours=calls:100/month per tenant alert 2"],
                            "limit": ["per-key=exact:60/1h", "per-tool=9/1m when tool=check_*"]})");
  }
  int Call3() const {
    for (int i = 0; i < 2; ++i) CHECK(CallTool(token, kTool).status == 200);
    return CallTool(token, kTool).status;
  }
  // The one of `rows` whose `member` is `value`.
  static Json Row(const Json& rows, const char* member, std::string_view value) {
    for (const Json& row : rows) {
      if (StringOr(row, member, "") == value) return row;
    }
    return Json::object();
  }
};

TEST_CASE_FIXTURE(Spending, "a spent budget refuses the next call, and its share is told once") {
  Start({}, {{"MCPGATE_BUDGETS", kBudgets}});
  CHECK(Call3() == 200);
  const Json refused = ParseJson(CallTool(token, kTool).body).value_or(Json());
  CHECK(refused["error"]["code"] == 40201);
  CHECK(StringOr(refused["error"], "message", "").find("has used 3 of 3 calls") != std::string::npos);
  CHECK(CallTool(StringOr(Create({"--role", "reader"}), "token", ""), kTool).status == 200);
  const std::string err = Stop().err;
  CHECK(err.find("budget 'mine': key '" + id + "' has spent 80 percent, 3 of 3 calls\n") != err.npos);
  CHECK(err.find("budget 'ours': tenant 'default' has spent 2 percent, 2 of 100 calls, since ") != err.npos);
  CHECK(err.find("budget 'ours'") == err.rfind("budget 'ours'"));
}

TEST_CASE_FIXTURE(Spending, "what was spent outlives the process that counted it") {
  Start({"--config", settings});
  CHECK(Call3() == 200);
  Stop();
  Start({"--config", settings});
  CHECK(CallTool(token, kTool).status == 402);
}

TEST_CASE_FIXTURE(Spending, "usage tells what each account has spent, also beside the host that counts") {
  Start({"--config", settings});
  CHECK(Call3() == 200);
  const Json usage = CommandLine::Ask({"usage", "--config", settings})["usage"];
  const Json mine = Row(usage, "budget", "mine"), ours = Row(usage, "budget", "ours");
  CHECK((mine["account"] == id && mine["scope"] == "key" && mine["spent"] == 3 && mine["left"] == 0));
  CHECK((mine["since"].is_null() && mine["until"].is_null()));
  CHECK((ours["account"] == "default" && ours["spent"] == 3 && ours["left"] == 97 && ours["limit"] == 100));
  CHECK(StringOr(ours, "until", "").ends_with("-01T00:00:00Z"));
  CHECK(Call({"usage", "--config", settings}).out.find("for good") != std::string::npos);
  CHECK(CommandLine::Ask({"usage", "--tenant", "default", "--config", settings})["usage"] == usage);
  CHECK(CommandLine::Ask({"usage", "--tenant", "acme", "--config", settings})["usage"].empty());
  CHECK(Call({"usage"}).code == 1);  // no budgets there
}

TEST_CASE_FIXTURE(Spending, "limits tells what a key has left of what is counted in the data directory") {
  Start({"--config", settings});
  CHECK(Call3() == 200);
  const Json all = CommandLine::Ask({"limits", id, "--tool", kTool, "--config", settings});
  const Json& limits = all["limits"];
  CHECK(Row(limits, "name", "per-key")["left"] == 57);
  CHECK((Row(limits, "name", "per-tool")["left"] == 6 && Row(limits, "name", "per-tool")["limit"] == 9));
  CHECK(Row(limits, "name", "posting")["left"] == 5);
  CHECK(Row(limits, "name", "burst")["left"].is_null());
  CHECK(Row(all["budgets"], "budget", "mine")["left"] == 0);
  const Json less = CommandLine::Ask({"limits", id, "--config", settings});
  CHECK(Row(less["limits"], "name", "per-tool").empty());
  CHECK(Call({"limits", id, "--config", settings}).out.find("in each process") != std::string::npos);
}

TEST_CASE_FIXTURE(Spending, "limits without a key shows the rules, ready to be written again") {
  const Json shown = CommandLine::Ask({"limits", "--config", settings});
  CHECK(Row(shown["limits"], "name", "per-tool")["rules"] ==
        Json::array({"per-tool=exact:10/1m per key+tool", "per-tool=9/1m when tool=check_*",
                     "per-tool=120/1m when tool=admin.*", "per-tool=120/1m when tool=self.*"}));
  CHECK(Row(shown["budgets"], "name", "ours")["rule"] == "ours=calls:100/month per tenant alert 2");
  CHECK(Call({"limits"}).out.find("--limit 'burst=gcra:50/1s:100 per key'\n") != std::string::npos);
  WriteFile(settings, R"({"budget": "free beer"})");
  CHECK(Call({"limits", "--config", settings}).err.find("free beer") != std::string::npos);
  CHECK(Call({"limits", "AAAAAAAAAAAA"}).code == 1);
}

TEST_CASE_FIXTURE(CommandLine, "a stdio host holds to its budgets too") {
  const Json made = Create({"--role", "reader", "--channel", "*"});
  Program host({kMcpgateStdio, "--data", data, "--sandbox"},
               {{"MCPGATE_API_KEY", StringOr(made, "token", "")}, {"MCPGATE_BUDGETS", "mine=calls:1/day"}});
  const auto call = [&] {
    host.Write(
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"check_server_status","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}})"
        "\n");
    return ParseJson(host.ReadLine()).value_or(Json());
  };
  CHECK(call().contains("result"));
  CHECK(call()["error"]["code"] == 40201);
}

}  // namespace
}  // namespace mcpgate::testing
