#include "cli/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kMaxOutput = 1u << 20;

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) read = ends[0], write = ends[1];
  }
  ~Pipe() {
    if (read >= 0) close(read);
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseWrite() {
    if (write >= 0) close(write);
    write = -1;
  }
};

// False at the end of input.
bool ReadSome(int fd, std::string& into) {
  std::array<char, 4096> bytes;
  const ssize_t got = read(fd, bytes.data(), bytes.size());
  if (got < 0) return errno == EINTR;
  if (into.size() < kMaxOutput) into.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void ReadBoth(const Pipe& out, const Pipe& err, ProgramEnd& end) {
  std::array<pollfd, 2> fds{{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0 && !ReadSome(fds[0].fd, end.out)) fds[0].fd = -1;
    if (fds[1].revents != 0 && !ReadSome(fds[1].fd, end.err)) fds[1].fd = -1;
  }
}

int Wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalled = 128;  // as shells tell it
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

}  // namespace

absl::StatusOr<ProgramEnd> RunProgram(std::vector<std::string> words) {
  Pipe out, err;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return absl::UnavailableError(fmt::format("{}: {}", words[0], strerror(failed)));
  out.CloseWrite();
  err.CloseWrite();
  ProgramEnd end;
  ReadBoth(out, err, end);
  end.code = Wait(pid);
  return end;
}

}  // namespace mcpgate::hosts
