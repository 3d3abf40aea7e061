#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "mcpgate/audit_checkpoint.h"

extern char** environ;

namespace mcpgate {
namespace {

using Moment = std::chrono::steady_clock::time_point;

int MillisUntil(Moment moment) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

absl::Status Failed(const std::string& program, std::string_view what) {
  return absl::UnavailableError(fmt::format("{}: {}", program, what));
}

/// A program that was started, in a process group of its own. Not thread-safe.
class Child {
 public:
  ~Child() {
    if (input_ >= 0) close(input_);
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  absl::Status Start(const std::vector<std::string>& argv);
  absl::Status Feed(std::string_view text, Moment until);
  absl::Status Wait(Moment until);

 private:
  std::string program_;
  pid_t pid_ = -1;
  int input_ = -1;  // a socket and no pipe, so that a program which does not read raises no signal here
};

absl::Status Child::Start(const std::vector<std::string>& argv) {
  program_ = argv.front();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Failed(program_, std::strerror(errno));
  input_ = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int error = posix_spawn(&pid_, program_.c_str(), &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  if (error == 0) return absl::OkStatus();
  pid_ = -1;
  return Failed(program_, std::strerror(error));
}

absl::Status Child::Feed(std::string_view text, Moment until) {
  while (!text.empty()) {
    pollfd writable{.fd = input_, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, MillisUntil(until)) == 0) return Failed(program_, "does not read its input");
    const ssize_t sent = send(input_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) break;  // it need not read; its exit code counts
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
  shutdown(input_, SHUT_WR);
  return absl::OkStatus();
}

absl::Status Child::Wait(Moment until) {
  // The C library's own declaration is not usable from C++ in Debian 12.
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (process < 0) return Failed(program_, std::strerror(errno));
  pollfd ended{.fd = process, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&ended, 1, MillisUntil(until));
  } while (ready < 0 && errno == EINTR);
  close(process);
  if (ready == 0) return Failed(program_, "did not end within its deadline and was killed");
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return Failed(program_, WIFEXITED(status) ? fmt::format("ended with code {}", WEXITSTATUS(status))
                                            : fmt::format("ended by signal {}", WTERMSIG(status)));
}

}  // namespace

CheckpointSink CheckpointToCommand(std::vector<std::string> argv, Nanos deadline) {
  return [argv = std::move(argv), deadline](const std::string& note, std::uint64_t) -> absl::Status {
    if (argv.empty() || !argv.front().starts_with('/'))
      return absl::InvalidArgumentError("a checkpoint command begins with the absolute path of a program");
    const Moment until = std::chrono::steady_clock::now() + deadline;
    Child child;
    absl::Status status = child.Start(argv);
    if (status.ok()) status = child.Feed(note, until);
    return status.ok() ? child.Wait(until) : status;
  };
}

}  // namespace mcpgate
