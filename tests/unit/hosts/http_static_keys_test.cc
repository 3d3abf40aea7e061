// Keys of MCPGATE_API_KEYS and its file.
#include <filesystem>
#include <string>

#include "http_host.h"

namespace mcpgate::testing {
namespace {

constexpr char kTool[] = "check_server_status";
constexpr char kOld[] = "Zq81uXv0Rm4Yt7Lp2Nc9Wk5", kNew[] = "hB3xQ9sTf6Gd1Vj8Ea0Mo4Ui";

struct StaticKeysHost : HttpHost {
  const std::string file = dir / "static.keys";
  void Write(const std::string& text) const {
    WriteFile(file, text);
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  bool Becomes(const char* key, int status) const {
    for (int i = 0; i < 1000; ++i) {
      if (CallTool(key, "discord_send_message").status == status) return true;
    }
    return false;
  }
};

TEST_CASE_FIXTURE(HttpHost, "keys of the environment are accepted and may what the options say") {
  Start({}, {{"MCPGATE_API_KEYS", std::string(kOld) + ", " + kNew}});
  CHECK(CallTool(kOld, kTool).status == 200);
  CHECK(CallTool(kNew, kTool).status == 200);
  CHECK(CallTool(kNew, "discord_send_message").status == 403);  // a reader
  CHECK(CallTool("Zq81uXv0Rm4Yt7Lp2Nc9Wk6", kTool).status == 401);
  CHECK_FALSE(std::filesystem::exists(data + "/bootstrap.token"));  // there is somebody already
  const std::string err = Stop().err;
  CHECK(err.find("first administrator") == err.npos);
  CHECK(err.find("no keys yet") == err.npos);
  CHECK(err.find("static 1 is key ") != err.npos);
  CHECK(err.find(kOld) == err.npos);
}

TEST_CASE_FIXTURE(StaticKeysHost,
                  "SIGHUP reads the file again, and the log tells when each key was last used") {
  Write(std::string(kOld) + "\n");
  Start({"--failure-limit", "off", "--address-limit", "off", "--limit", "burst=off,per-key=off,per-tool=off"},
        {{"MCPGATE_API_KEYS_FILE", file}});
  CHECK(CallTool(kOld, kTool).status == 200);
  CHECK(CallTool(kNew, kTool).status == 401);
  Write(std::string(kOld) + "\n" + kNew + "\n");
  program->Signal(SIGHUP);
  CHECK(Becomes(kNew, 403));
  CHECK(CallTool(kOld, kTool).status == 200);
  Write(std::string(kNew) + "\n");
  program->Signal(SIGHUP);
  CHECK(Becomes(kOld, 401));
  CHECK(CallTool(kNew, kTool).status == 200);
  const std::string err = Stop().err;
  CHECK(err.find(", never used\n") != err.npos);
  CHECK(err.find(", last used 20") != err.npos);
}

TEST_CASE_FIXTURE(StaticKeysHost, "a weak key, or a file that others can read, keeps a host from starting") {
  CHECK(Refused({"--sandbox"}, {{"MCPGATE_API_KEYS", "changeme"}}).code == 2);
  CHECK(Refused({"--sandbox", "--listen", "127.0.0.1:0"}, {{"MCPGATE_API_KEYS", "abc"}}).code == 2);
  WriteFile(file, kOld);
  std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  CHECK(Refused({"--sandbox"}, {{"MCPGATE_API_KEYS_FILE", file}}).code == 2);
}

}  // namespace
}  // namespace mcpgate::testing
