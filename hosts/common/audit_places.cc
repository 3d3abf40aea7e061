#include "common/audit_places.h"

#include <utility>
#include <vector>

#include "common/secret_source.h"
#include "mcpgate/audit_lines.h"
#include "mcpgate/audit_otlp.h"
#include "mcpgate/audit_syslog.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kQueueOfCopies = 8192;

LineSync SyncOf(std::string_view name) {
  if (name == "none") return LineSync::kNone;
  if (name == "interval") return LineSync::kInterval;
  return name == "each" ? LineSync::kEach : LineSync::kGroup;
}

absl::Status AddLines(const AuditOptions& options, SqliteStorage& storage,
                      std::vector<AuditMember>& members) {
  if (options.lines_file.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<AuditSink>> lines =
      NewAuditLines({.path = options.lines_file,
                     .chain_key = DeriveSecret(storage.root_key(), kAuditLinesPurpose),
                     .sync = SyncOf(options.lines_sync)});
  if (!lines.ok()) return lines.status();
  members.push_back({.name = "lines", .sink = *std::move(lines)});
  return absl::OkStatus();
}

absl::Status AddSyslog(const AuditOptions& options, std::vector<AuditMember>& members) {
  if (options.syslog.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<AuditSink>> syslog = NewSyslogSink({.address = options.syslog});
  if (!syslog.ok()) return syslog.status();
  members.push_back(
      {.name = "syslog", .sink = *std::move(syslog), .required = false, .queue = kQueueOfCopies});
  return absl::OkStatus();
}

absl::Status AddOtlp(const AuditOptions& options, std::vector<AuditMember>& members) {
  if (options.otlp.empty()) return absl::OkStatus();
  OtlpOptions collector{.url = options.otlp};
  if (!options.otlp_auth_file.empty()) {
    absl::StatusOr<Secret> value = ReadSecretFile(options.otlp_auth_file);
    if (!value.ok()) return value.status();
    collector.headers.emplace_back("Authorization", *std::move(value));
  }
  absl::StatusOr<std::unique_ptr<AuditSink>> otlp = NewOtlpSink(std::move(collector));
  if (!otlp.ok()) return otlp.status();
  members.push_back({.name = "otlp", .sink = *std::move(otlp), .required = false, .queue = kQueueOfCopies});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AuditPlaces> OpenAuditPlaces(const AuditOptions& options, SqliteStorage& storage,
                                            std::function<void(std::string_view)> log) {
  std::vector<AuditMember> members;
  if (absl::Status status = AddLines(options, storage, members); !status.ok()) return status;
  if (absl::Status status = AddSyslog(options, members); !status.ok()) return status;
  if (absl::Status status = AddOtlp(options, members); !status.ok()) return status;
  // By itself it needs no second queue before its own.
  if (members.empty()) return AuditPlaces{.sink = storage.audit(), .fan_out = nullptr};
  if (options.database != "off")
    members.push_back({.name = "db", .sink = storage.audit(), .required = options.database == "required"});
  absl::StatusOr<std::unique_ptr<FanOutSink>> made =
      FanOutSink::New({.members = std::move(members), .log = std::move(log)});
  if (!made.ok()) return made.status();
  const std::shared_ptr<FanOutSink> fan_out = *std::move(made);
  return AuditPlaces{.sink = fan_out, .fan_out = fan_out};
}

}  // namespace mcpgate::hosts
