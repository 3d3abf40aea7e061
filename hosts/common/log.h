// File: common/log.h
//
// One line a message on standard error: "warning the store does not answer".
#pragma once

#include <optional>
#include <string_view>

namespace mcpgate::hosts {

enum class LogLevel { kError, kWarning, kInfo, kDebug };
std::string_view LogLevelName(LogLevel level);
std::optional<LogLevel> ParseLogLevel(std::string_view name);

/// Log
///
/// Each line is one write, so lines of several threads do not mix. Callers pass no secrets. Safe for
/// concurrent use.
class Log {
 public:
  explicit Log(LogLevel threshold) : threshold_(threshold) {}
  void Error(std::string_view message) const { Write(LogLevel::kError, message); }
  void Warning(std::string_view message) const { Write(LogLevel::kWarning, message); }
  void Info(std::string_view message) const { Write(LogLevel::kInfo, message); }
  void Debug(std::string_view message) const { Write(LogLevel::kDebug, message); }

 private:
  void Write(LogLevel level, std::string_view message) const;

  const LogLevel threshold_;
};

}  // namespace mcpgate::hosts
