#include "common/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "common/display_width.h"

namespace mcpgate::hosts {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"error", "warning", "info", "debug"};
// POSIX guarantees that a write of up to 512 bytes to a pipe is not split; Linux gives 4096. Longer messages
// are cut rather than mixed with another thread's.
constexpr std::size_t kMaxLine = 4096;

}  // namespace

std::string_view LogLevelName(LogLevel level) { return kNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kNames.begin());
}

void Log::Write(LogLevel level, std::string_view message) const {
  if (level > threshold_) return;
  std::string line(LogLevelName(level));
  line += ' ';
  line += Printable(message.substr(0, kMaxLine));
  line.resize(std::min(line.size(), kMaxLine - 1));
  line += '\n';
  // Nobody can be told when standard error is gone.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace mcpgate::hosts
