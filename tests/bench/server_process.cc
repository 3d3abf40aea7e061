#include "bench/server_process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "bench/measure.h"
#include "mcpgate/json.h"

namespace mcpgate::bench {
namespace {

[[noreturn]] void Become(std::vector<std::string>& words, int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  PinTo(kServerCore);
  dup2(out, STDOUT_FILENO);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nowhere, STDIN_FILENO);
  dup2(nowhere, STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::string FirstLine(int descriptor) {
  std::string line;
  for (char c = 0; read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

bool PinTo(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

ServerProcess::ServerProcess(std::vector<std::string> words) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) Fail("no pipe");
  pid_ = fork();
  if (pid_ == 0) Become(words, out[1]);
  close(out[1]);
  const std::string line = FirstLine(out[0]);
  close(out[0]);
  const absl::StatusOr<Json> ready = ParseJson(line);
  if (!ready.ok() || !ready->is_object() || !ready->contains("port")) {
    Fail(words[0] + " did not say its port: " + line);
  }
  port_ = ready->at("port").get<std::uint16_t>();
  if (ready->contains("keys")) keys_ = ready->at("keys").get<std::vector<std::string>>();
  if (clock_getcpuclockid(pid_, &clock_) != 0) Fail("no clock of " + words[0]);
}

ServerProcess::~ServerProcess() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

double ServerProcess::CpuSeconds() const {
  timespec time{};
  clock_gettime(clock_, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double ServerProcess::ResidentBytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace mcpgate::bench
