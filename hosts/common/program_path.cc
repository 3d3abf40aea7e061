#include "common/program_path.h"

#include <unistd.h>
#if defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

#include <filesystem>
#include <string_view>

#include "common/data_directory.h"

namespace mcpgate::hosts {
namespace {

std::filesystem::path RunningProgram() {
  std::error_code error;
#if defined(__APPLE__)
  char path[4096];
  std::uint32_t size = sizeof path;
  if (_NSGetExecutablePath(path, &size) != 0) return {};
  return std::filesystem::canonical(path, error);
#else
  return std::filesystem::read_symlink("/proc/self/exe", error);
#endif
}

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  const std::filesystem::path beside = RunningProgram().parent_path() / name;
  if (beside.is_absolute() && IsProgram(beside)) return beside.string();
  const std::string path = Environment("PATH");
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
    const std::filesystem::path candidate = std::filesystem::path(directory) / name;
    if (candidate.is_absolute() && IsProgram(candidate)) return candidate.string();
  }
  return absl::NotFoundError(name + " is neither beside this program nor in PATH; name it with --program");
}

}  // namespace mcpgate::hosts
