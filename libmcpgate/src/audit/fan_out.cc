#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "audit/lane.h"
#include "mcpgate/audit_fan_out.h"

namespace mcpgate {
namespace {

class Lanes : public FanOutSink {
 public:
  explicit Lanes(FanOutOptions options) : deadline_(options.deadline) {
    // Required ones first: what one of them refuses reaches no other place.
    std::stable_partition(options.members.begin(), options.members.end(),
                          [](const AuditMember& member) { return member.required; });
    for (AuditMember& member : options.members) {
      required_ += member.required ? 1 : 0;
      lanes_.push_back(std::make_unique<Lane>(std::move(member), deadline_, options.log, *options.clock));
    }
  }

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    const bool before = durability == AuditDurability::kBefore;
    const auto ticket = before ? std::make_shared<Ticket>(required_) : nullptr;
    // A queued record waits for no room.
    const SteadyMoment until = before ? Until() : SteadyMoment();
    for (const auto& lane : lanes_) {
      AuditRecord copy = lane == lanes_.back() ? std::move(record) : record;
      absl::Status status = lane->Push(std::move(copy), lane->required() ? ticket : nullptr, until);
      if (status.ok()) continue;
      if (!before) return absl::ResourceExhaustedError(status.message());
      ticket->Answer(status);
      break;
    }
    return before ? ticket->Wait(until) : absl::OkStatus();
  }

  absl::Status Ready() override {
    const SteadyMoment until = Until();
    for (const auto& lane : lanes_) {
      if (!lane->required()) continue;
      if (absl::Status status = lane->Ready(until); !status.ok())
        return absl::UnavailableError(status.message());
    }
    return absl::OkStatus();
  }

  absl::Status Flush() override {
    const auto ticket = std::make_shared<Ticket>(required_);
    for (const auto& lane : lanes_) {
      if (lane->required()) lane->PushFlush(ticket);
    }
    return ticket->Wait(Until());
  }

  std::vector<AuditMemberHealth> Members() const override {
    std::vector<AuditMemberHealth> members;
    for (const auto& lane : lanes_) members.push_back(lane->Health());
    return members;
  }

 private:
  SteadyMoment Until() const { return std::chrono::steady_clock::now() + deadline_; }

  const Nanos deadline_;
  std::size_t required_ = 0;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FanOutSink>> FanOutSink::New(FanOutOptions options) {
  bool any_required = false;
  for (const AuditMember& member : options.members) {
    any_required |= member.required;
    if (member.sink == nullptr || member.queue == 0)
      return absl::InvalidArgumentError(
          fmt::format("FanOutOptions::members: '{}' has no sink or no queue", member.name));
  }
  if (!any_required || options.clock == nullptr)
    return absl::InvalidArgumentError("FanOutOptions: no member is required, so nothing would be durable");
  return std::make_unique<Lanes>(std::move(options));
}

}  // namespace mcpgate
