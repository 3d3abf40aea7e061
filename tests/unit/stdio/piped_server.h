// A real ServeStdio over pipes, and a client at the other end.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include "mcpgate/stdio.h"
#include "support/served.h"

namespace mcpgate::testing {

/// A server on a pair of pipes, in a thread of its own.
class PipedServer {
 public:
  explicit PipedServer(std::size_t max_line = 4096) {
    int in[2];
    int out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    to_server_ = in[1];
    from_server_ = fdopen(out[0], "r");
    thread_ = std::thread([this, in = in[0], out = out[1], max_line] {
      status_ = ServeStdio(*served_.server, {.channel = {.in = in, .out = out},
                                             .credentials = served_.As("reader"),
                                             .max_line = max_line,
                                             .grace = std::chrono::seconds(10),
                                             .stop = stop_.get_token()});
      close(in);
      close(out);
    });
  }
  ~PipedServer() {
    End().IgnoreError();
    if (from_server_ != nullptr) fclose(from_server_);
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(to_server_, bytes.data(), bytes.size());
      REQUIRE(written > 0);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  /// The next line, "" at the end.
  std::string Line() {
    char* line = nullptr;
    std::size_t capacity = 0;
    const ssize_t size = getline(&line, &capacity, from_server_);
    std::string text = size > 0 ? std::string(line, static_cast<std::size_t>(size)) : "";
    free(line);
    return text;
  }
  void CloseInput() {
    if (to_server_ >= 0) close(to_server_);
    to_server_ = -1;
  }
  void StopReading() {
    fclose(from_server_);
    from_server_ = nullptr;
  }
  Served& served() { return served_; }
  void RequestStop() { stop_.request_stop(); }
  absl::Status End() {
    CloseInput();
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  Served served_;
  std::stop_source stop_;
  int to_server_ = -1;
  FILE* from_server_ = nullptr;
  std::thread thread_;
  absl::Status status_;
};

}  // namespace mcpgate::testing
