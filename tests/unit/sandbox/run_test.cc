#include "sandbox/run.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "support/temp_dir.h"

namespace mcpgate::testing {
namespace {

/// A sandbox in a process of its own, its output at the other end of a pipe.
class Process {
 public:
  explicit Process(const std::string& token_file) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    std::fflush(nullptr);  // or the child would say it again
    std::cout.flush();
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      _exit(RunSandbox({.token_file = token_file}));
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~Process() {
    if (child_ > 0) Stop(SIGKILL);
    close(output_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::string ReadLine() const {
    std::string line;
    char c = 0;
    while (read(output_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  int Stop(int signal) {
    kill(child_, signal);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }
  int Wait() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }

 private:
  pid_t child_ = -1;
  int output_ = -1;
};

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("the program says in one line where it is, keeps its token private and leaves nothing behind") {
  for (const int signal : {SIGINT, SIGTERM}) {
    TempDir directory;
    const std::string token_file = directory / "token";
    Process sandbox(token_file);
    const std::string line = sandbox.ReadLine();
    CAPTURE(line);
    CHECK(line.rfind("base_url=http://127.0.0.1:", 0) == 0);
    CHECK(line.find(" token_file=" + token_file + " ") != std::string::npos);
    const std::string token = Contents(token_file);
    CHECK(token.size() > 40);
    CHECK(line.find(token) == std::string::npos);
    struct stat status {};
    REQUIRE(stat(token_file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    const int ended = sandbox.Stop(signal);
    CHECK(WIFEXITED(ended));
    CHECK(WEXITSTATUS(ended) == 0);
    CHECK(access(token_file.c_str(), F_OK) != 0);
  }
}

TEST_CASE("the program does not overwrite a file that is there") {
  TempDir directory;
  const std::string mine = directory / "mine";
  std::ofstream(mine) << "precious";
  Process sandbox(mine);
  CHECK(sandbox.ReadLine().find("cannot create the token file " + mine) != std::string::npos);
  const int ended = sandbox.Wait();
  CHECK(WIFEXITED(ended));
  CHECK(WEXITSTATUS(ended) == 1);
  CHECK(Contents(mine) == "precious");
}

}  // namespace
}  // namespace mcpgate::testing
