#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>

#include "audit/syslog_address.h"
#include "mcpgate/audit_syslog.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxWaiting = 512;
constexpr std::size_t kMaxAppName = 48;  // RFC 5424, 6

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "-";
  const std::string text = name.data();
  return text.empty() || !IsVisible(text) ? "-" : text;
}

bool IsWarning(AuditOutcome outcome) {
  return outcome != AuditOutcome::kAllow && outcome != AuditOutcome::kOk;
}

// Not thread-safe.
class SyslogSink : public AuditSink {
 public:
  SyslogSink(SyslogOptions options, SyslogAddress address)
      : facility_(options.facility),
        heading_(fmt::format("{} {} {} audit - ", HostName(), options.app_name, getpid())),
        socket_(std::move(address), options.deadline) {}

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    if (waiting_.size() >= kMaxWaiting) return absl::ResourceExhaustedError("syslog: too many messages wait");
    waiting_.push_back(MessageOf(record));
    return durability == AuditDurability::kBefore ? Flush() : absl::OkStatus();
  }
  absl::Status Ready() override { return absl::OkStatus(); }
  absl::Status Flush() override {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      if (absl::Status status = socket_.Send(waiting_.front()); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  std::string MessageOf(const AuditRecord& record) const {
    constexpr int kWarning = 4, kInformational = 6;
    // RFC 5424, 6.2.3 allows six digits of a second's fraction.
    std::string message = fmt::format("<{}>1 {:.26}Z {}",
                                      facility_ * 8 + (IsWarning(record.outcome) ? kWarning : kInformational),
                                      AuditTimeText(record.time), heading_);
    AppendAuditJson(message, record);
    return message;
  }

  const int facility_;
  const std::string heading_;
  SyslogSocket socket_;
  std::deque<std::string> waiting_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AuditSink>> NewSyslogSink(SyslogOptions options) {
  absl::StatusOr<SyslogAddress> address = ParseSyslogAddress(options.address);
  if (!address.ok()) return address.status();
  const bool named =
      !options.app_name.empty() && options.app_name.size() <= kMaxAppName && IsVisible(options.app_name);
  if (!named || options.facility < 0 || options.facility > 23 || options.deadline <= Nanos(0))
    return absl::InvalidArgumentError(
        "SyslogOptions: needs a name of visible characters, a facility from 0 to 23 and a deadline");
  return std::make_unique<SyslogSink>(std::move(options), *std::move(address));
}

}  // namespace mcpgate
