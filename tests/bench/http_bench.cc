// tools/call of a read-only echo tool over HTTP: a bare epoll loop, our listener with a fixed body, the whole
// gate, the official TypeScript server. Each server has one core, whoever calls it another; rounds are
// interleaved. Then the memory of what is quiet: a server nobody has called, idle connections, open listens.
//   http_bench BIN_DIR NODE_SERVER MCPGATE_HTTP
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/echo_call.h"
#include "bench/http_client.h"
#include "bench/measure.h"
#include "bench/server_process.h"
#include "support/temp_dir.h"

namespace mcpgate::bench {
namespace {

constexpr int kRounds = 5;
constexpr double kSeconds = 1.5, kWarm = 0.5;  // of each measurement, and before it
constexpr std::size_t kConnections = 32;
constexpr int kIdle = 10'000, kListens = 1'000;

std::string EchoPost(const ServerProcess& server, std::size_t which) {
  const std::vector<std::string>& keys = server.keys();
  return Post(keys.empty() ? "" : keys[which % keys.size()], "tools/call", "echo", EchoCall(1));
}

/// A server, and what was seen of it in each round.
struct Contender {
  Contender(std::string what, std::vector<std::string> words)
      : name(std::move(what)), process(std::move(words)) {}

  void Measure() {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < kConnections; ++i) requests.push_back(EchoPost(process, i));
    HttpLoad load(process.port(), std::move(requests));
    load.Run(kWarm);
    const double before = process.CpuSeconds();
    const Load seen = load.Run(kSeconds);
    cpu_micros.push_back((process.CpuSeconds() - before) / seen.calls * 1e6);
    rate.push_back(seen.calls_per_second);
    p50.push_back(seen.p50_micros);
    p99.push_back(seen.p99_micros);
  }

  std::string name;
  ServerProcess process;
  std::vector<double> cpu_micros, rate, p50, p99;
};

double Median(const std::vector<double>& values) { return SpreadOf(values).median; }

using Figures = std::vector<double> Contender::*;

void Rows(const std::vector<std::unique_ptr<Contender>>& all, const char* what, Figures figures,
          const char* unit) {
  for (const auto& each : all) Row(std::string(what) + each->name, SpreadOf((*each).*figures), unit);
}

void BenchCalls(Json& results, const std::string& bin, const std::string& node_server) {
  testing::TempDir directory;
  const std::string host = bin + "/http_host";
  std::vector<std::unique_ptr<Contender>> all;
  const auto add = [&all](const char* name, std::vector<std::string> words) -> Contender& {
    return *all.emplace_back(std::make_unique<Contender>(name, std::move(words)));
  };
  const Contender& floor = add("bare epoll loop, fixed bytes", {bin + "/http_floor"});
  add("our listener, fixed body", {host, "fixed", "1"});
  const Contender& gate = add("whole gate, audited", {host, "gate", "1", directory / "one"});
  const Contender& two = add("whole gate, two loops on its one core", {host, "gate", "2", directory / "two"});
  const Contender& rival = add("official TypeScript server 2.4.0", {"node", node_server});
  std::printf(
      "http: tools/call of a read-only echo tool (2026-07-28), %zu connections, %.1f s a measurement, "
      "%d rounds\n",
      kConnections, kSeconds, kRounds);
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& each : all) each->Measure();
  }
  Rows(all, "CPU a call  ", &Contender::cpu_micros, "us");
  Rows(all, "calls       ", &Contender::rate, "call/s");
  Rows(all, "p50         ", &Contender::p50, "us");
  Rows(all, "p99         ", &Contender::p99, "us");
  Ratio(results, "CPU a call: whole gate / epoll loop", Median(gate.cpu_micros) / Median(floor.cpu_micros),
        "<=", 2.5);
  Ratio(results, "calls a second: whole gate / TypeScript", Median(gate.rate) / Median(rival.rate),
        ">=", 25.0);
  Ratio(results, "p99 of the whole gate in ms", Median(gate.p99) / 1e3, "<=", 2.0);
  Ratio(results, "CPU a call: two loops / one, on one core", Median(two.cpu_micros) / Median(gate.cpu_micros),
        "<=", 1.1);
}

/// KiB a connection that `open` makes the server hold.
template <typename Open>
double KibEach(ServerProcess& server, int count, Open open) {
  std::vector<HttpConnection> connections;
  const double before = server.ResidentBytes();
  for (int i = 0; i < count; ++i) {
    connections.emplace_back(server.port());
    open(connections.back(), static_cast<std::size_t>(i));
  }
  return (server.ResidentBytes() - before) / count / 1024;
}

// A server that has been called a while, so that what is counted is the connections' alone.
void WarmUp(const ServerProcess& server) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < kConnections; ++i) requests.push_back(EchoPost(server, i));
  HttpLoad(server.port(), std::move(requests)).Run(1.0);
}

double IdleKib(const std::string& bin, const std::string& directory) {
  ServerProcess server({bin + "/http_host", "gate", "1", directory});
  WarmUp(server);
  return KibEach(server, kIdle, [&](HttpConnection& connection, std::size_t i) {
    connection.Send(EchoPost(server, i));
    connection.ReceiveAnswer();
  });
}

double ListenKib(const std::string& bin, const std::string& directory) {
  ServerProcess server({bin + "/http_host", "gate", "1", directory});
  WarmUp(server);
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},)" +
      kMeta + "}}";
  return KibEach(server, kListens, [&](HttpConnection& connection, std::size_t i) {
    connection.Send(Post(server.keys()[i % server.keys().size()], "subscriptions/listen", "", body));
    connection.ReceiveEvent();
  });
}

double StartMegabytes(std::vector<std::string> words) {
  return ServerProcess(std::move(words)).ResidentBytes() / 1e6;
}

void BenchMemory(Json& results, const std::string& bin, const std::string& mcpgate_http) {
  testing::TempDir directory;
  std::printf(
      "memory: %d connections that made one call, %d open listens, mcpgate-http before its first call\n",
      kIdle, kListens);
  Ratio(results, "KiB an idle connection", IdleKib(bin, directory / "idle"), "<=", 16.0);
  Ratio(results, "KiB an open listen", ListenKib(bin, directory / "listens"), "<=", 16.0);
  const double bare = StartMegabytes({bin + "/http_host", "gate", "1", directory / "bare"});
  Row("a gate host without Discord at its start", SpreadOf({bare}), "MB");
  Ratio(results, "MB of mcpgate-http at its start",
        StartMegabytes(
            {mcpgate_http, "--sandbox", "--data", directory / "start", "--listen", "127.0.0.1:0", "--json"}),
        "<=", 15.0);
}

void AllowManyDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < kIdle + 100) Fail("this needs 'ulimit -n' of more than 10,100");
}

}  // namespace
}  // namespace mcpgate::bench

int main(int argc, char** argv) {
  using namespace mcpgate;
  if (argc != 4) bench::Fail("usage: http_bench BIN_DIR NODE_SERVER MCPGATE_HTTP");
  bench::AllowManyDescriptors();
  if (!bench::PinTo(bench::kClientCore)) bench::Fail("this needs two cores");
  Json results = Json::array();
  bench::BenchCalls(results, argv[1], argv[2]);
  bench::BenchMemory(results, argv[1], argv[3]);
  bench::WriteResults(results);
  return 0;
}
