#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "mcpgate/audit_checkpoint.h"

namespace mcpgate {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "checkpoint-";

absl::Status Failed(const std::string& path, std::string_view what) {
  return absl::UnavailableError(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

absl::Status WriteDurably(const std::string& path, std::string_view text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.is_open()) return Failed(path, "cannot be made");
  const bool written = write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return written && fsync(file.get()) == 0 ? absl::OkStatus() : Failed(path, "cannot be written");
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  const Descriptor directory(open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool synced = directory.is_open() && fsync(directory.get()) == 0;
  return synced ? absl::OkStatus() : Failed(parent.string(), "cannot be synced");
}

absl::Status Replace(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  absl::Status status = WriteDurably(draft, text);
  if (status.ok() && rename(draft.c_str(), path.c_str()) != 0) status = Failed(path, "cannot be replaced");
  if (!status.ok()) {
    unlink(draft.c_str());
    return status;
  }
  return SyncDirectoryOf(path);
}

// A directory that keeps everything for good, as it should, only refuses.
void RemoveOldest(const std::string& directory, std::size_t keep) {
  std::error_code failed;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, failed); !failed && entry != fs::directory_iterator();
       entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with(kPrefix)) names.push_back(std::move(name));
  }
  if (names.size() <= keep) return;
  std::sort(names.begin(), names.end());
  names.resize(names.size() - keep);
  for (const std::string& name : names) unlink(fmt::format("{}/{}", directory, name).c_str());
}

}  // namespace

CheckpointSink CheckpointToFile(std::string path) {
  return [path = std::move(path)](const std::string& note, std::uint64_t) { return Replace(path, note); };
}

CheckpointSink CheckpointToDirectory(std::string path, std::size_t keep) {
  return [path = std::move(path), keep](const std::string& note, std::uint64_t size) {
    absl::Status status = Replace(fmt::format("{}/{}{:020}", path, kPrefix, size), note);
    if (status.ok()) RemoveOldest(path, std::max<std::size_t>(keep, 1));
    return status;
  };
}

}  // namespace mcpgate
