// A program of ours, run to its end.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace mcpgate::testing {

/// The programs under test, as they were built.
extern const char kMcpgate[];
extern const char kMcpgateStdio[];
extern const char kMcpgateHttp[];  ///< empty when it is not built

struct Ended {
  int code = -1;  ///< the exit code, or 1000 + the signal that killed it
  std::string out;
  std::string err;
};

/// A process with pipes on its three standard streams. Confine to one thread.
class Program {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  /// `words[0]` is its path. It sees `variables` and no other environment, but for what sanitizers need.
  Program(const std::vector<std::string>& words, const Variables& variables = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void Write(std::string_view text);
  void CloseInput();
  /// The next line of standard output without its end; empty when output has ended.
  std::string ReadLine();
  void Signal(int number);
  pid_t pid() const { return pid_; }
  /// Closes input, reads both outputs to their end and waits.
  Ended Wait();

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  std::string pending_;  // read from standard output, not yet handed out
};

/// Runs it with empty input.
Ended Run(const std::vector<std::string>& words, const Program::Variables& variables = {});

}  // namespace mcpgate::testing
