#include "storage/sqlite/process_mark.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/crypto.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::string_view kPrefix = "process-";
constexpr std::size_t kNameBytes = 16;

std::string NewName() {
  std::array<std::uint8_t, kNameBytes> bytes;
  FillRandom(bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// A name comes back out of a database, and becomes part of a path.
bool IsName(std::string_view name) {
  return name.size() == (kNameBytes * 8 + 5) / 6 && name.find_first_of("/.") == name.npos;
}

}  // namespace

ProcessMark::ProcessMark(const std::string& directory, std::string name)
    : directory_(directory), name_(std::move(name)), lock_(PathOf(name_)) {}

std::string ProcessMark::PathOf(std::string_view name) const {
  return directory_ + "/" + std::string(kPrefix) + std::string(name);
}

absl::StatusOr<std::unique_ptr<ProcessMark>> ProcessMark::Make(const std::string& directory) {
  constexpr Nanos kPatience = std::chrono::seconds(1);  // somebody may be looking whether it is held
  std::unique_ptr<ProcessMark> mark(new ProcessMark(directory, NewName()));
  if (absl::Status status = mark->lock_.Acquire(kPatience); !status.ok()) return status;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(kPrefix)) (void)mark->IsHeld(std::string_view(file).substr(kPrefix.size()));
  }
  return mark;
}

ProcessMark::~ProcessMark() { unlink(PathOf(name_).c_str()); }

bool ProcessMark::IsHeld(std::string_view name) const {
  if (name == name_) return true;
  const std::string path = PathOf(name);
  if (!IsName(name) || access(path.c_str(), F_OK) != 0) return false;
  FileLock probe(path);
  if (!probe.TryAcquire()) return true;
  unlink(path.c_str());  // under the lock: whoever is about to take it makes a new file
  return false;
}

}  // namespace mcpgate::sqlite
