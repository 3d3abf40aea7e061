#include "common/client_config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "common/file_write.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

// Claude Code keeps its history in the same file.
constexpr std::size_t kMaxConfigBytes = 64u << 20;
constexpr std::string_view kBackupMark = ".mcpgate-backup-";
constexpr std::string_view kUndoneMark = ".mcpgate-undone-";
constexpr std::string_view kAbsent = "-absent";

std::string Stamp(WallTime now) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  return CompactTimeText(ms);
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

// A name that is not taken, still in order of time: two changes within a second get -1, -2.
absl::StatusOr<std::string> FreshName(const std::string& stem, std::string_view suffix) {
  for (int i = 0; i < 100; ++i) {
    const std::string numbered = i == 0 ? stem : fmt::format("{}-{:02}", stem, i);
    if (Exists(numbered) || Exists(numbered + std::string(kAbsent))) continue;
    return numbered + std::string(suffix);
  }
  return absl::ResourceExhaustedError(stem + ": too many backups of this second");
}

absl::StatusOr<std::string> SetAside(const std::string& path, std::string_view mark, WallTime now,
                                     std::string_view content, bool absent) {
  absl::StatusOr<std::string> name =
      FreshName(fmt::format("{}{}{}", path, mark, Stamp(now)), absent ? kAbsent : "");
  if (!name.ok()) return name.status();
  if (absl::Status status = ReplaceFile(*name, content); !status.ok()) return status;
  return name;
}

bool HasEntry(std::string_view text, const ConfigEntry& entry) {
  absl::StatusOr<Json> parsed = ParseJsonText(text, entry.dialect);
  if (!parsed.ok()) return false;
  const Json* servers = FindObject(*parsed, entry.servers);
  return servers != nullptr && FindMember(*servers, entry.name) != nullptr;
}

absl::StatusOr<std::string> Extended(std::string_view text, const ConfigEntry& entry) {
  absl::StatusOr<std::string> with =
      SetJsonMember(text, entry.dialect, entry.servers, entry.name, entry.value);
  if (!with.ok() || entry.prompt.is_null()) return with;
  return AddJsonItem(*with, entry.dialect, "inputs", entry.prompt);
}

struct Extension {
  std::string before;
  std::string after;
  bool absent = false;  // there is no file yet
};

absl::StatusOr<Extension> Extend(const std::string& path, const ConfigEntry& entry) {
  absl::StatusOr<std::string> before = ReadWholeFile(path, kMaxConfigBytes);
  const bool absent = absl::IsNotFound(before.status());
  if (!before.ok() && !absent) return before.status();
  Extension extension{.before = absent ? "" : *std::move(before), .absent = absent};
  const bool blank = extension.before.find_first_not_of(" \t\r\n") == std::string::npos;
  absl::StatusOr<std::string> after = Extended(blank ? "{}\n" : extension.before, entry);
  if (!after.ok()) {
    return absl::InvalidArgumentError(fmt::format("{} is not a configuration that can be extended: {}", path,
                                                  std::string(after.status().message())));
  }
  extension.after = *std::move(after);
  return extension;
}

std::string NewestBackup(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string prefix = file.filename().string() + std::string(kBackupMark);
  std::string newest;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name > newest) newest = name;
  }
  return newest.empty() ? "" : (file.parent_path() / newest).string();
}

// A client that runs may have written its file since it was read.
absl::Status CheckUnchanged(const std::string& path, const Extension& extension) {
  const absl::StatusOr<std::string> now = ReadWholeFile(path, kMaxConfigBytes);
  const bool same = now.ok() ? !extension.absent && *now == extension.before
                             : extension.absent && absl::IsNotFound(now.status());
  if (same) return absl::OkStatus();
  return absl::AbortedError(path + " was changed by somebody else meanwhile; close the client and try again");
}

}  // namespace

absl::Status CheckClientConfig(const std::string& path, const ConfigEntry& entry) {
  return Extend(path, entry).status();
}

absl::StatusOr<ConfigChange> AddClientEntry(const std::string& path, const ConfigEntry& entry, WallTime now) {
  absl::StatusOr<Extension> extension = Extend(path, entry);
  if (!extension.ok()) return extension.status();
  if (absl::Status status = MakeParentDirectories(path); !status.ok()) return status;
  absl::StatusOr<std::string> backup = SetAside(path, kBackupMark, now, extension->before, extension->absent);
  if (!backup.ok()) return backup.status();
  if (absl::Status status = CheckUnchanged(path, *extension); !status.ok()) return status;
  if (absl::Status status = ReplaceFile(path, extension->after); !status.ok()) return status;
  return ConfigChange{.backup = extension->absent ? "" : *std::move(backup),
                      .replaced = HasEntry(extension->before, entry)};
}

absl::StatusOr<ConfigUndo> UndoClientEntry(const std::string& path, WallTime now) {
  const std::string backup = NewestBackup(path);
  if (backup.empty()) return absl::NotFoundError("there is no backup beside " + path);
  absl::StatusOr<std::string> content = ReadWholeFile(backup, kMaxConfigBytes);
  if (!content.ok()) return content.status();
  ConfigUndo undo{.restored_from = backup, .removed = backup.ends_with(kAbsent)};
  absl::StatusOr<std::string> present = ReadWholeFile(path, kMaxConfigBytes);
  if (present.ok()) {
    absl::StatusOr<std::string> aside = SetAside(path, kUndoneMark, now, *present, false);
    if (!aside.ok()) return aside.status();
    undo.set_aside = *std::move(aside);
  }
  if (undo.removed) {
    undo.restored_from.clear();
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
      return absl::FailedPreconditionError(path + ": " + strerror(errno));
    }
  } else if (absl::Status status = ReplaceFile(path, *content); !status.ok()) {
    return status;
  }
  unlink(backup.c_str());  // used up: the next undo goes one step further back
  return undo;
}

}  // namespace mcpgate::hosts
