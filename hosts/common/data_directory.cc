#include "common/data_directory.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace mcpgate::hosts {
namespace {

// XDG Base Directory Specification: "all paths must be absolute; a relative one is invalid and ignored".
std::string XdgHome(const char* variable, std::string_view below_home) {
  std::string path = Environment(variable);
  if (!path.empty() && path.front() == '/') return path;
  const std::string home = HomeDirectory();
  return home.empty() ? "" : home + "/" + std::string(below_home);
}

absl::StatusOr<std::string> Absolute(const std::string& path) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return absl::FailedPreconditionError(path + ": " + error.message());
  return absolute.lexically_normal().string();
}

}  // namespace

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string HomeDirectory() {
  std::string home = Environment("HOME");
  if (!home.empty()) return home;
  const passwd* user = getpwuid(getuid());
  return user == nullptr || user->pw_dir == nullptr ? "" : user->pw_dir;
}

std::string ConfigHome() { return XdgHome("XDG_CONFIG_HOME", ".config"); }

absl::StatusOr<std::string> DataDirectory(std::string_view option) {
  if (!option.empty()) return Absolute(std::string(option));
  if (std::string named = Environment("MCPGATE_DATA"); !named.empty()) return Absolute(named);
  const std::string home = XdgHome("XDG_DATA_HOME", ".local/share");
  if (home.empty()) {
    return absl::FailedPreconditionError(
        "no place for the data directory: neither MCPGATE_DATA nor HOME is set; name one with --data DIR");
  }
  return Absolute(home + "/mcpgate");
}

}  // namespace mcpgate::hosts
