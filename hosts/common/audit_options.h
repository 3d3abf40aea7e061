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
  std::string database = "required";  ///< or "best-effort", "off"
  std::string lines_file, lines_sync = "group";
  std::string syslog;                ///< an address; empty: none
  std::string otlp, otlp_auth_file;  ///< the URL of a collector, and what it wants in Authorization
  bool operator==(const AuditOptions&) const = default;
};
/// Each is an environment variable too. `options` outlives the parse.
void DeclareAuditOptions(CLI::App& app, AuditOptions& options);
/// What the key of the JSON lines is derived from the root key for.
inline constexpr char kAuditLinesPurpose[] = "audit-lines";
AuditKeeping KeepingOf(const AuditOptions& options);

}  // namespace mcpgate::hosts
