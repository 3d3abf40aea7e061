#include "common/audit_options.h"

#include <CLI/CLI.hpp>
#include <optional>

#include "common/time_text.h"
#include "mcpgate/audit_otlp.h"
#include "mcpgate/audit_syslog.h"

namespace mcpgate::hosts {
namespace {

std::string Problem(const absl::Status& status) { return std::string(status.message()); }

CLI::Validator IsDuration() {
  return CLI::Validator([](std::string& text) { return std::string(ParseDuration(text).status().message()); },
                        "");
}

CLI::Validator IsDurationOrOff() {
  return CLI::Validator(
      [](std::string& text) {
        return text == "off" ? std::string() : std::string(ParseDuration(text).status().message());
      },
      "");
}

CLI::Validator IsSyslogAddress() {
  return CLI::Validator([](std::string& text) { return Problem(NewSyslogSink({.address = text}).status()); },
                        "");
}

CLI::Validator IsCollector() {
  return CLI::Validator([](std::string& text) { return Problem(NewOtlpSink({.url = text}).status()); }, "");
}

void DeclarePlaces(CLI::App& app, AuditOptions& options) {
  app.add_option("--audit-lines", options.lines_file,
                 "Write the trail into this file of JSON lines as well; each process its own")
      ->envname("MCPGATE_AUDIT_LINES")
      ->type_name("FILE");
  app.add_option("--audit-lines-sync", options.lines_sync,
                 "When a line counts as written: none, interval, group or each [group]")
      ->envname("MCPGATE_AUDIT_LINES_SYNC")
      ->check(CLI::IsMember({"none", "interval", "group", "each"}))
      ->type_name("MODE");
  app.add_option("--audit-db", options.database,
                 "Calls in audit.db, too: required, best-effort or off [required]")
      ->envname("MCPGATE_AUDIT_DB")
      ->check(CLI::IsMember({"required", "best-effort", "off"}))
      ->type_name("MODE");
  app.add_option("--audit-syslog", options.syslog,
                 "Copies to unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT, best effort")
      ->envname("MCPGATE_AUDIT_SYSLOG")
      ->check(IsSyslogAddress())
      ->type_name("ADDR");
  app.add_option("--audit-otlp", options.otlp,
                 "Copies to a collector of OpenTelemetry, best effort:\nhttp://127.0.0.1:4318/v1/logs")
      ->envname("MCPGATE_AUDIT_OTLP")
      ->check(IsCollector())
      ->type_name("URL");
  app.add_option("--audit-otlp-auth-file", options.otlp_auth_file,
                 "File (mode 0600) with what it wants in Authorization: Bearer ...")
      ->envname("MCPGATE_AUDIT_OTLP_AUTH_FILE")
      ->type_name("FILE");
}

}  // namespace

void DeclareAuditOptions(CLI::App& app, AuditOptions& options) {
  DeclarePlaces(app, options);
  app.add_option("--audit-checkpoint-file", options.checkpoint_file,
                 "Keep the newest signed checkpoint of the trail in this file")
      ->envname("MCPGATE_AUDIT_CHECKPOINT_FILE")
      ->type_name("FILE");
  app.add_option("--audit-checkpoint-dir", options.checkpoint_directory,
                 "Write each checkpoint into this directory, best on another machine")
      ->envname("MCPGATE_AUDIT_CHECKPOINT_DIR")
      ->type_name("DIR");
  app.add_option("--audit-checkpoint-command", options.checkpoint_command,
                 "A word of a command that reads each checkpoint, without a shell; repeat\nfor its arguments")
      ->envname("MCPGATE_AUDIT_CHECKPOINT_COMMAND")
      ->allow_extra_args(false)
      ->type_name("WORD");
  app.add_option("--audit-checkpoint-records", options.checkpoint_records,
                 "A checkpoint after so many records ... [1024]")
      ->envname("MCPGATE_AUDIT_CHECKPOINT_RECORDS")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->type_name("N");
  app.add_option("--audit-checkpoint-every", options.checkpoint_every,
                 "... or so long after the last one [1m]")
      ->envname("MCPGATE_AUDIT_CHECKPOINT_EVERY")
      ->check(IsDuration())
      ->type_name("TIME");
  app.add_option("--audit-retention", options.retention,
                 "Remove records older than this, whole segments at a time [off]")
      ->envname("MCPGATE_AUDIT_RETENTION")
      ->check(IsDurationOrOff())
      ->type_name("TIME");
}

AuditKeeping KeepingOf(const AuditOptions& options) {
  AuditKeeping keeping{.checkpoint_records = options.checkpoint_records};
  if (!options.checkpoint_file.empty())
    keeping.checkpoints.push_back(CheckpointToFile(options.checkpoint_file));
  if (!options.checkpoint_directory.empty())
    keeping.checkpoints.push_back(CheckpointToDirectory(options.checkpoint_directory));
  if (!options.checkpoint_command.empty())
    keeping.checkpoints.push_back(CheckpointToCommand(options.checkpoint_command));
  keeping.checkpoint_every = ParseDuration(options.checkpoint_every).value_or(keeping.checkpoint_every);
  if (const absl::StatusOr<Nanos> retention = ParseDuration(options.retention); retention.ok())
    keeping.retention = *retention;
  return keeping;
}

}  // namespace mcpgate::hosts
