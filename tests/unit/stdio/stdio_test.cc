#include "mcpgate/stdio.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "piped_server.h"
#include "transport/stdio/lines.h"

namespace mcpgate {
namespace {

using testing::PipedServer;

std::string Ping(int id) { return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"ping"})"; }
std::string Pong(int id) { return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + ",\"result\":{}}\n"; }

TEST_CASE("lines end at LF alone; CR before it, empty lines and line separators inside strings do no harm") {
  PipedServer server;
  server.Send(Ping(1) + "\r\n\n\r\n" + Ping(2) + "\n");
  CHECK(server.Line() == Pong(1));
  CHECK(server.Line() == Pong(2));
  server.Send("{\"jsonrpc\":\"2.0\",\"id\":\"a\xe2\x80\xa8z\",\"method\":\"ping\"}\n");
  CHECK(server.Line() == "{\"jsonrpc\":\"2.0\",\"id\":\"a\xe2\x80\xa8z\",\"result\":{}}\n");
}

TEST_CASE("a malformed line is answered and the next one served") {
  PipedServer server;
  server.Send("nonsense\n" + Ping(1) + "\n");
  CHECK(server.Line().find("-32700") != std::string::npos);
  CHECK(server.Line() == Pong(1));
}

TEST_CASE("a line over the bound is answered once, skipped to its end, and the next one served") {
  PipedServer server(/*max_line=*/1000);
  server.Send(std::string(1'000'000, 'x') + "\n" + Ping(1) + "\n");
  CHECK(server.Line().find("longer than 1000 bytes") != std::string::npos);
  CHECK(server.Line() == Pong(1));
}

TEST_CASE("many messages in one write are answered in order, and a message in many writes is one message") {
  PipedServer server;
  std::string many;
  for (int i = 0; i < 500; ++i) many += Ping(i) + "\n";
  std::thread sender([&] { server.Send(many); });
  for (int i = 0; i < 500; ++i) CHECK(server.Line() == Pong(i));
  sender.join();
  for (char byte : Ping(7) + "\n") server.Send({&byte, 1});
  CHECK(server.Line() == Pong(7));
}

TEST_CASE("the end of input answers what was sent, the unterminated last line too, and ends well") {
  PipedServer server;
  server.Send(Ping(1) + "\n" + Ping(2));
  server.CloseInput();
  CHECK(server.Line() == Pong(1));
  CHECK(server.Line() == Pong(2));
  CHECK(server.End().ok());
  CHECK(server.Line().empty());
}

TEST_CASE("a call in flight at the end of input is answered before the server ends") {
  PipedServer server;
  server.Send(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count"}})"
              "\n");
  server.CloseInput();
  CHECK(server.Line().find("three") != std::string::npos);
  CHECK(server.End().ok());
}

TEST_CASE("a stop request ends the server while input is still open") {
  PipedServer server;
  server.Send(Ping(1) + "\n");
  CHECK(server.Line() == Pong(1));
  server.RequestStop();
  CHECK(server.Line().empty());
}

TEST_CASE("a client that went away ends the server with a status") {
  PipedServer server;
  server.StopReading();
  server.Send(Ping(1) + "\n");
  CHECK(absl::IsUnavailable(server.End()));
}

TEST_CASE(
    "after the streams are taken a stray print reaches stderr and a child process has no way to the client") {
  int out[2];
  REQUIRE(pipe2(out, 0) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    close(out[0]);
    close(out[1]);
    const int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, STDERR_FILENO);
    auto channel = TakeStandardStreams();
    if (!channel.ok()) _exit(1);
    std::printf("stray");
    std::fflush(stdout);
    if (std::system("echo from a child; head -c1 >/dev/null") != 0) _exit(2);
    if (write(channel->out, "message", 7) != 7) _exit(3);
    _exit(0);
  }
  close(out[1]);
  std::string seen;
  char buffer[256];
  for (ssize_t size; (size = read(out[0], buffer, sizeof buffer)) > 0;)
    seen.append(buffer, static_cast<std::size_t>(size));
  close(out[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(seen == "message");
}

TEST_CASE("however the bytes are cut, the lines are the same") {
  const std::string text = "one\n\ntwo\r\nthr\ree\n" + std::string(60, 'x') + "\nfour\nfive";
  const std::vector<std::string> expected = {"one", "two", "thr\ree", "TOO LONG", "four", "five"};
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    LineSplitter splitter(50);
    std::vector<std::string> lines;
    const auto keep = [&lines](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::uniform_int_distribution<std::size_t>(1, 9)(random);
      splitter.Feed(std::string_view(text).substr(at, size), keep,
                    [&lines] { lines.emplace_back("TOO LONG"); });
      at += size;
    }
    splitter.Finish(keep);
    CHECK(lines == expected);
  }
}

}  // namespace
}  // namespace mcpgate
