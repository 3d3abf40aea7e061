// tools/call of a read-only echo tool over stdio: the bare loop, mcpgate with its whole gate on, the official
// TypeScript server. Rounds are interleaved. Then the time from starting mcpgate-stdio to its first answer.
//   stdio_bench BIN_DIR NODE_SERVER MCPGATE_STDIO MCPGATE
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bench/echo_call.h"
#include "bench/measure.h"
#include "support/temp_dir.h"

namespace mcpgate::bench {
namespace {

constexpr int kRounds = 5;
constexpr double kSeconds = 1.5;  // of each measurement

/// A server process and the client's ends of its pipes.
class Child {
 public:
  explicit Child(std::vector<std::string> words) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Fail("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  ~Child() { End(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = write(to_, bytes.data(), bytes.size());
      if (size <= 0) Fail("the server went away");
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  /// Reads once; the number of lines that ended.
  int Receive() {
    const ssize_t size = read(from_, buffer_, sizeof buffer_);
    if (size <= 0) Fail("the server said nothing");
    const std::string_view text(buffer_, static_cast<std::size_t>(size));
    if (text.find("\"error\"") != std::string_view::npos || text.find("isError") != std::string_view::npos) {
      Fail("the server refused: " + std::string(text.substr(0, 300)));
    }
    int lines = 0;
    for (const char* at = buffer_;
         (at = static_cast<const char*>(std::memchr(at, '\n', buffer_ + size - at))) != nullptr; ++at)
      ++lines;
    return lines;
  }
  void End() {
    if (to_ < 0) return;
    close(to_);
    close(from_);
    to_ = -1;
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  char buffer_[64 * 1024];
};

/// Answered calls a second with `window` in flight.
double CallsPerSecond(Child& child, int window) {
  static std::uint64_t id = 0;
  std::string burst;
  for (int i = 0; i < window; ++i) burst += EchoCall(++id) + "\n";
  std::uint64_t answered = 0;
  int in_flight = window;
  const auto start = SteadyClock::now();
  child.Send(burst);
  while (in_flight > 0) {
    const int lines = child.Receive();
    answered += static_cast<std::uint64_t>(lines);
    in_flight -= lines;
    if (SecondsSince(start) >= kSeconds) continue;
    burst.clear();
    for (int i = 0; i < lines; ++i) burst += EchoCall(++id) + "\n";
    in_flight += lines;
    child.Send(burst);
  }
  return static_cast<double>(answered) / SecondsSince(start);
}

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  char line[512] = "";
  if (pipe == nullptr || std::fgets(line, sizeof line, pipe) == nullptr) Fail("no output from " + command);
  pclose(pipe);
  std::string text = line;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void BenchEcho(Json& results, const std::string& bin, const std::string& node_server) {
  testing::TempDir directory;
  const std::string data = directory / "data";
  setenv("MCPGATE_API_KEY", OutputOf("env -u MCPGATE_API_KEY " + bin + "/echo_host " + data).c_str(), 1);
  struct Server {
    const char* name;
    std::vector<std::string> command;
    std::vector<double> one, many;
  };
  Server servers[] = {{"bare echo loop", {bin + "/echo_loop"}, {}, {}},
                      {"mcpgate, whole gate on, audited", {bin + "/echo_host", data}, {}, {}},
                      {"official TypeScript server 2.4.0, 2026-07-28", {"node", node_server}, {}, {}}};
  std::printf("stdio: tools/call of a read-only echo tool, %.1f s a measurement, %d rounds\n", kSeconds,
              kRounds);
  for (int round = 0; round < kRounds; ++round) {
    for (Server& server : servers) {
      Child child(server.command);
      child.Send(EchoCall(0) + "\n");
      while (child.Receive() == 0) {
      }
      CallsPerSecond(child, 64);
      server.one.push_back(CallsPerSecond(child, 1));
      server.many.push_back(CallsPerSecond(child, 64));
    }
  }
  for (const Server& server : servers)
    Row(std::string("1 in flight   ") + server.name, SpreadOf(server.one), "call/s");
  for (const Server& server : servers)
    Row(std::string("64 in flight  ") + server.name, SpreadOf(server.many), "call/s");
  Ratio(results, "1 in flight: echo loop / mcpgate",
        SpreadOf(servers[0].one).median / SpreadOf(servers[1].one).median, "<=", 1.3);
  Ratio(results, "64 in flight: mcpgate / TypeScript",
        SpreadOf(servers[1].many).median / SpreadOf(servers[2].many).median, ">=", 4.0);
}

void BenchColdStart(Json& results, const std::string& stdio, const std::string& mcpgate) {
  constexpr int kStarts = 30;
  testing::TempDir directory;
  const std::string data = directory / "data";
  const std::string key = directory / "key";
  OutputOf(mcpgate + " keys create --data " + data + " --name bench --key-file " + key + " --json");
  unsetenv("MCPGATE_API_KEY");
  std::vector<double> millis;
  for (int i = 0; i < kStarts; ++i) {
    const auto start = SteadyClock::now();
    Child child({stdio, "--sandbox", "--data", data, "--key-file", key});
    child.Send(R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{)" + kMeta + "}}\n");
    while (child.Receive() == 0) {
    }
    millis.push_back(SecondsSince(start) * 1e3);
  }
  std::printf("start: from fork to the first answer of mcpgate-stdio --sandbox, %d starts\n", kStarts);
  Row("first answer after", SpreadOf(millis), "ms");
  Ratio(results, "cold start in ms", SpreadOf(millis).median, "<=", 15.0);
}

}  // namespace
}  // namespace mcpgate::bench

int main(int argc, char** argv) {
  using namespace mcpgate;
  if (argc != 5) bench::Fail("usage: stdio_bench BIN_DIR NODE_SERVER MCPGATE_STDIO MCPGATE");
  Json results = Json::array();
  bench::BenchEcho(results, argv[1], argv[2]);
  bench::BenchColdStart(results, argv[3], argv[4]);
  bench::WriteResults(results);
  return 0;
}
