// File: common/audit_options.h
//
// What a host that serves does with the written trail.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mcpgate/sqlite.h"

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

/// As written; each was checked when it was read.
struct AuditOptions {
  std::string checkpoint_file, checkpoint_directory;
  std::vector<std::string> checkpoint_command;  ///< the words of one command
  std::uint64_t checkpoint_records = AuditKeeping().checkpoint_records;
  std::string checkpoint_every = "1m";
  std::string retention = "off";
  bool operator==(const AuditOptions&) const = default;
};
/// Each is an environment variable too. `options` outlives the parse.
void DeclareAuditOptions(CLI::App& app, AuditOptions& options);
AuditKeeping KeepingOf(const AuditOptions& options);

}  // namespace mcpgate::hosts
