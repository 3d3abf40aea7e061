#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace mcpgate::testing {

const char kMcpgate[] = MCPGATE_PROGRAM;
const char kMcpgateStdio[] = MCPGATE_STDIO_PROGRAM;
#if defined(MCPGATE_HTTP_PROGRAM)
const char kMcpgateHttp[] = MCPGATE_HTTP_PROGRAM;
#else
const char kMcpgateHttp[] = "";
#endif

namespace {

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    read = ends[0];
    write = ends[1];
  }
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentOf(const Program::Variables& variables) {
  std::vector<std::string> texts;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "PATH"}) {
    if (const char* value = std::getenv(name)) texts.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : variables) texts.push_back(name + "=" + value);
  return texts;
}

// One read; false at the end.
bool ReadSome(int fd, std::string& into) {
  char buffer[4096];
  const ssize_t got = read(fd, buffer, sizeof buffer);
  if (got > 0) into.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

void CloseOnce(int& fd) {
  if (fd >= 0) close(std::exchange(fd, -1));
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const Variables& variables) {
  const Pipe in, out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  std::vector<std::string> arguments = words;
  std::vector<std::string> environment = EnvironmentOf(variables);
  if (posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, Pointers(arguments).data(),
                  Pointers(environment).data()) != 0) {
    pid_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  for (const int fd : {in.read, out.write, err.write}) close(fd);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  signal(SIGPIPE, SIG_IGN);
}

Program::~Program() {
  for (int* fd : {&in_, &out_, &err_}) CloseOnce(*fd);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Program::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(in_, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Program::CloseInput() { CloseOnce(in_); }

std::string Program::ReadLine() {
  std::size_t end;
  while ((end = pending_.find('\n')) == std::string::npos) {
    if (!ReadSome(out_, pending_)) return std::exchange(pending_, "");
  }
  std::string line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return line;
}

// A pid of -1 would mean every process there is.
void Program::Signal(int number) {
  if (pid_ > 0) kill(pid_, number);
}

Ended Program::Wait() {
  CloseInput();
  Ended ended;
  ended.out = std::exchange(pending_, "");
  pollfd fds[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  std::string* into[2] = {&ended.out, &ended.err};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds, 2, -1) < 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd >= 0 && fds[i].revents != 0 && !ReadSome(fds[i].fd, *into[i])) fds[i].fd = -1;
    }
  }
  int status = 0;
  if (pid_ > 0 && waitpid(std::exchange(pid_, -1), &status, 0) > 0) {
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  return ended;
}

Ended Run(const std::vector<std::string>& words, const Program::Variables& variables) {
  return Program(words, variables).Wait();
}

}  // namespace mcpgate::testing
