// mcpgate-http under many: connections that come and go, and an end in the middle of work.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::Answer;
using testing::Client;
using testing::Ended;
using testing::HttpHost;

/// Room for so many descriptors, here and in the programs that are started, while it lives. Not thread-safe.
class RoomForDescriptors {
 public:
  explicit RoomForDescriptors(rlim_t many) {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &old_) == 0);
    rlimit wide = old_;
    wide.rlim_cur = std::min(std::max(many, old_.rlim_cur), old_.rlim_max);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &wide) == 0);
    has_room_ = wide.rlim_cur >= many;
  }
  ~RoomForDescriptors() { setrlimit(RLIMIT_NOFILE, &old_); }
  bool has_room() const { return has_room_; }

 private:
  rlimit old_{};
  bool has_room_ = false;
};

struct Loaded : HttpHost {
  std::size_t Descriptors() const {
    const std::filesystem::directory_iterator open("/proc/" + std::to_string(program->pid()) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
  }
  std::vector<std::string> PostableChannels(const std::string& token) const {
    const Json answer = ParseJson(CallTool(token, "discord_list_channels").body).value_or(Json());
    std::vector<std::string> ids;
    for (const Json& channel : answer["result"]["structuredContent"]["channels"]) {
      if (BoolOr(channel, "takes_messages", false)) ids.push_back(StringOr(channel, "id", ""));
    }
    REQUIRE_FALSE(ids.empty());
    return ids;
  }
  template <typename Condition>
  static bool Eventually(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
};

// One of the ways in which a client leaves.
std::unique_ptr<Client> Visit(const HttpHost& host, const std::string& token, int way) {
  auto client = std::make_unique<Client>(host.port);
  const std::string call = HttpHost::CallText(token, "check_server_status", Json::object());
  switch (way % 6) {
    case 0:  // says nothing
      break;
    case 1:  // half a head
      client->Send(std::string_view(call).substr(0, 60));
      break;
    case 2:  // half a body
      client->Send(std::string_view(call).substr(0, call.size() - 20));
      break;
    case 3:  // an answer, and then silence
      client->Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      CHECK(client->Read().status == 200);
      break;
    case 4:  // does not wait for its answer
      client->Send(call);
      break;
    case 5:
      client->Send(call);
      client->Reset();
      break;
  }
  return client;
}

TEST_CASE_FIXTURE(Loaded, "five thousand connections are held and dropped, and nothing stays of them") {
  const RoomForDescriptors room(12'000);
  if (!room.has_room()) {
    MESSAGE("this system allows too few descriptors for five thousand connections");
    return;
  }
  const std::string token = MakeToken();
  Start({"--address-limit", "off", "--limit", "burst=off,per-key=off,per-tool=off", "--access-log", "off"});
  CHECK(CallTool(token, "check_server_status").status == 200);
  CHECK(Get("/healthz").status == 200);
  const std::size_t before = Descriptors();
  {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 5'000; ++i) clients.push_back(Visit(*this, token, i));
    CHECK(Get("/healthz").status == 200);
    CHECK(CallTool(token, "check_server_status").status == 200);
    CHECK(Descriptors() > before + 2'000);
  }
  CHECK(Eventually([&] { return Descriptors() <= before; }));
  CHECK(CallTool(token, "check_server_status").status == 200);
  const Ended ended = Stop();
  CHECK(ended.code == 0);
  CHECK(ended.err.find("Sanitizer") == std::string::npos);
}

TEST_CASE_FIXTURE(Loaded,
                  "SIGTERM among posts loses none: what was posted was answered and is in the trail") {
  const std::string token = MakeToken();
  Start({"--address-limit", "off", "--limit", "burst=off,per-key=off,per-tool=off", "--posting-limit", "off",
         "--access-log", "off"});
  const std::vector<std::string> channels = PostableChannels(token);  // each has Discord's own limit on posts
  std::atomic<int> posted{0}, refused{0}, broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      Client client(port);
      for (int n = 0;; ++n) {
        const Json message = {{"channel_id", channels[static_cast<std::size_t>(i) % channels.size()]},
                              {"content", "post " + std::to_string(i) + "-" + std::to_string(n)}};
        if (!client.Send(CallText(token, "discord_send_message", message))) return;
        const Answer answer = client.Read();
        if (answer.status == 0) return;  // closed between two requests
        if (!answer.is_whole) ++broken;
        const bool done = answer.status == 200 && answer.body.find("\"isError\":true") == std::string::npos;
        ++(done ? posted : refused);
      }
    });
  }
  CHECK(Eventually([&] { return posted >= 10 || broken > 0 || refused > 100; }));
  const Ended ended = Stop();
  for (std::thread& client : clients) client.join();
  CHECK(ended.code == 0);
  CHECK(broken == 0);
  CHECK(posted >= 10);
  int intents = 0, done = 0;
  for (const Json& record : AskLines({"audit", "tail", "--action", "discord_send_message", "-n", "100000"})) {
    const std::string phase = StringOr(record, "phase", ""), outcome = StringOr(record, "outcome", "");
    intents += phase == "intent" ? 1 : 0;
    done += phase == "outcome" && outcome == "ok" ? 1 : 0;
  }
  CHECK(done == posted);
  CHECK(intents == posted + refused);
}

}  // namespace
}  // namespace mcpgate::hosts
