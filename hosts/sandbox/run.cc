#include "sandbox/run.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace mcpgate {
namespace {

std::string TemporaryDirectory() {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* value = getenv(name);
    if (value != nullptr && value[0] == '/') return value;
  }
  return "/tmp";
}

/// TokenFile
///
/// Holds the token while the sandbox runs. Not thread-safe.
class TokenFile {
 public:
  TokenFile() = default;
  ~TokenFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  absl::Status Write(std::string path, const Secret& token) {
    int file = -1;
    if (path.empty()) {
      path = TemporaryDirectory() + "/mcpgate-sandbox-XXXXXX";
      file = mkostemp(path.data(), O_CLOEXEC);
    } else {
      file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    if (file < 0) {
      const std::string reason = strerror(errno);
      return absl::UnavailableError("cannot create the token file " + path + ": " + reason +
                                    "; name a new file in a directory you can write to");
    }
    path_ = std::move(path);
    const std::string_view text = RevealSecret(token);
    const bool is_written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(file);
    if (!is_written) return absl::UnavailableError("cannot write the token file " + path_);
    return absl::OkStatus();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

absl::Status Serve(RunSandboxOptions options, const sigset_t& signals) {
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = Sandbox::Start(std::move(options.sandbox));
  if (!sandbox.ok()) return sandbox.status();
  TokenFile file;
  if (absl::Status written = file.Write(std::move(options.token_file), (*sandbox)->token()); !written.ok()) {
    return written;
  }
  fmt::print("base_url={} token_file={} state_url={} guild_id={}\n", (*sandbox)->base_url(), file.path(),
             (*sandbox)->state_url(), (*sandbox)->guild_id());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return absl::OkStatus();
}

}  // namespace

int RunSandbox(RunSandboxOptions options) {
  // Blocked before the listener's thread starts, which inherits the mask, so that sigwait alone gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  const absl::Status served = Serve(std::move(options), signals);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (served.ok()) return 0;
  fmt::print(stderr, "mcpgate sandbox: {}\n", std::string(served.message()));
  return 1;
}

}  // namespace mcpgate
