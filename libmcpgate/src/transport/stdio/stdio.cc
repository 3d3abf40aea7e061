#include "mcpgate/stdio.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "transport/stdio/lines.h"
#include "transport/stdio/output.h"

namespace mcpgate {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;  // a Linux pipe's default capacity: one read drains it

absl::Status SystemError(std::string_view what) {
  return absl::InternalError(std::string(what) + ": " + std::strerror(errno));
}

/// Answers of one message. On the reader's own thread they are held back until it has worked through its
/// read.
class StdioReply final : public ReplySink {
 public:
  StdioReply(std::shared_ptr<LineOutput> output, std::thread::id reader)
      : output_(std::move(output)), reader_(reader) {}
  bool Notify(std::string message) override {
    output_->Write(message, OnReader());
    return !output_->broken();
  }
  void Finish(ServerAnswer answer) override {
    if (!answer.message.empty()) output_->Write(answer.message, OnReader());
  }

 private:
  bool OnReader() const { return std::this_thread::get_id() == reader_; }

  const std::shared_ptr<LineOutput> output_;
  const std::thread::id reader_;
};

/// Wakes a poll when a stop is requested. Confine to one thread; the wake-up itself may come from any.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(std::in_place, stop, Wake{fd_}) {}
  ~StopEvent() {
    callback_.reset();  // waits for a wake-up under way; it must not meet a closed descriptor
    if (fd_ >= 0) close(fd_);
  }
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  int fd() const { return fd_; }

 private:
  struct Wake {
    int fd;
    void operator()() const noexcept { eventfd_write(fd, 1); }
  };
  const int fd_;
  std::optional<std::stop_callback<Wake>> callback_;
};

/// Waits for bytes, the stop request or the end. False when no more bytes will come.
bool WaitForInput(int fd, int stop_fd) {
  for (;;) {
    pollfd ready[] = {{.fd = fd, .events = POLLIN, .revents = 0},
                      {.fd = stop_fd, .events = POLLIN, .revents = 0}};
    const int count = poll(ready, 2, -1);
    if (count < 0 && errno == EINTR) continue;
    return count > 0 && ready[1].revents == 0;
  }
}

int MoveAway(int fd, int replacement) {
  const int kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0 && dup2(replacement, fd) >= 0) return kept;
  if (kept >= 0) close(kept);
  return -1;
}

}  // namespace

absl::StatusOr<StdioChannel> TakeStandardStreams() {
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0) return SystemError("open /dev/null");
  const int in = MoveAway(STDIN_FILENO, nothing);
  close(nothing);
  if (in < 0) return SystemError("standard input is not usable");
  const int out = MoveAway(STDOUT_FILENO, STDERR_FILENO);
  if (out < 0) return SystemError("standard output is not usable");
  return StdioChannel{.in = in, .out = out};
}

absl::Status ServeStdio(Server& server, StdioOptions options) {
  // A client that went away must show as a failed write, not end the program.
  std::signal(SIGPIPE, SIG_IGN);
  const std::shared_ptr<Session> session = server.NewSession();
  const auto output = std::make_shared<LineOutput>(options.channel.out);
  const auto reply = std::make_shared<StdioReply>(output, std::this_thread::get_id());
  server.AttachStream(session, options.credentials, reply);
  const StopEvent stop(options.stop);
  LineSplitter lines(options.max_line);
  const std::string refusal =
      server.RefuseMessage("the line is longer than " + std::to_string(options.max_line) + " bytes");
  const auto handle = [&](std::string_view line) {
    server.Handle(line, {.credentials = options.credentials, .session = session}, reply);
  };
  std::vector<char> buffer(kReadSize);
  while (!output->broken() && WaitForInput(options.channel.in, stop.fd())) {
    const ssize_t size = read(options.channel.in, buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) {
      lines.Finish(handle);
      output->Flush();
      break;
    }
    lines.Feed({buffer.data(), static_cast<std::size_t>(size)}, handle,
               [&] { reply->Finish({.message = refusal}); });
    output->Flush();
  }
  server.EndStreams(session.get());
  output->Flush();
  if (!server.Drain(*session, options.grace)) {
    server.CancelAll(*session);
    server.Drain(*session, options.grace);
  }
  return output->broken() ? absl::UnavailableError("the client closed its end") : absl::OkStatus();
}

}  // namespace mcpgate
