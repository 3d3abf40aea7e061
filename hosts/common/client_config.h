// File: common/client_config.h
//
// The configuration file of a client: adds this server, keeps everybody else's, and can take it back.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json_text.h"
#include "mcpgate/clock.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// What is put into a configuration.
struct ConfigEntry {
  std::string servers = "mcpServers";  ///< the member that holds servers
  std::string name = "mcpgate";
  Json value;
  Json prompt;  ///< null, or an item for the list `inputs`
  JsonDialect dialect = JsonDialect::kStrict;
};

/// Whether the entry could be added to `path`: OK when there is no file, or it is the JSON object it should
/// be.
absl::Status CheckClientConfig(const std::string& path, const ConfigEntry& entry);

struct ConfigChange {
  std::string backup;     ///< where the content of before is now; empty when there was none
  bool replaced = false;  ///< an entry of that name was there
};

/// Writes the entry into the file at `path`. The content of before goes into a file beside it first:
/// `<path>.mcpgate-backup-<time>`, empty with the suffix `-absent` when there was none. InvalidArgument, and
/// nothing is changed, when the file is not the JSON object it should be; Aborted when somebody else wrote it
/// meanwhile.
absl::StatusOr<ConfigChange> AddClientEntry(const std::string& path, const ConfigEntry& entry, WallTime now);

struct ConfigUndo {
  std::string restored_from;  ///< the backup that is now the file; "" with `removed`
  std::string set_aside;      ///< where the content of before the undo is
  bool removed = false;       ///< there was no file before, and there is none now
};
/// Puts the newest backup in place and keeps what was there as `<path>.mcpgate-undone-<time>`. NotFound when
/// there is no backup.
absl::StatusOr<ConfigUndo> UndoClientEntry(const std::string& path, WallTime now);

}  // namespace mcpgate::hosts
