#include "common/admin_change.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "mcpgate/clock.h"

namespace mcpgate::hosts {
namespace {

std::string RandomCallId() {
  std::array<std::uint64_t, 2> bits{};
  if (getentropy(bits.data(), sizeof bits) != 0) std::abort();
  return fmt::format("{:016x}{:016x}", bits[0], bits[1]);
}

// Whose program this is; the effective user decides what the data directory allows.
std::string OperatorName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? fmt::format("uid {}", geteuid()) : user->pw_name;
}

}  // namespace

absl::StatusOr<AdminChange> AdminChange::Begin(AuditSink& sink, std::string action, std::string key,
                                               Fields fields, std::string source) {
  AuditRecord record{.time = Clock::System().Now(),
                     .klass = AuditClass::kAdmin,
                     .phase = AuditPhase::kIntent,
                     .outcome = AuditOutcome::kAllow,
                     .call = RandomCallId(),
                     .action = std::move(action),
                     .key = std::move(key),
                     .source = std::move(source),
                     .fields = std::move(fields)};
  record.fields.emplace_back("operator", OperatorName());
  if (absl::Status status = sink.Append(record, AuditDurability::kBefore); !status.ok()) return status;
  return AdminChange(sink, std::move(record));
}

absl::Status AdminChange::End(const absl::Status& result, std::string key) {
  const WallTime now = Clock::System().Now();
  record_.phase = AuditPhase::kOutcome;
  record_.outcome = result.ok() ? AuditOutcome::kOk : AuditOutcome::kError;
  record_.reason = result.ok() ? "" : absl::StatusCodeToString(result.code());
  record_.duration = now - record_.time;
  record_.time = now;
  record_.key = std::move(key);
  return sink_->Append(record_, AuditDurability::kBefore);
}

}  // namespace mcpgate::hosts
