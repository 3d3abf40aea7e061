// File: gate/impl.h
//
// The gate's steps, and what one call learns on its way through them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "gate/limits.h"
#include "gate/once_per_window.h"
#include "mcpgate/gate.h"

namespace mcpgate {

/// Safe for concurrent use.
class Gate::Impl {
 public:
  explicit Impl(GateOptions options);

  absl::StatusOr<Admission> Admit(const Credentials& credentials, const Action& action);
  absl::StatusOr<std::shared_ptr<const Principal>> Authenticate(const Credentials& credentials);
  absl::Status AuthorizeResource(const Admission::State& call, std::string_view resource);
  void Settle(Admission::State& call, Outcome outcome);

  const GateOptions& options() const { return options_; }
  const Policy& policy() const { return *policy_.load(std::memory_order_acquire); }
  std::shared_ptr<const Policy> SharedPolicy() const;
  void SetPolicy(std::shared_ptr<const Policy> policy);
  const LimitBook& limits() const { return limits_; }

 private:
  std::unique_ptr<Admission::State> Begin(const Credentials& credentials, const Action& action);
  absl::Status Authenticate(Admission::State& call, const Credentials& credentials);
  absl::Status Authorize(Admission::State& call, const Action& action);
  absl::Status Limit(Admission::State& call, const Action& action);
  absl::Status LimitReached(Admission::State& call, const LimitDecision& decision);
  void TakeShadows(Admission::State& call, const Action& action, std::span<const LimitCharge> shadows);
  void TellRefused(const Admission::State& call, const Action& action, std::span<const LimitCharge> charges,
                   const LimitDecision& decision);
  void TellNearLimits(const Admission::State& call, const Action& action);
  void Tell(LimitEvent event, const Admission::State& call, const Action& action);
  absl::Status ReserveBudget(Admission::State& call, const Action& action);
  absl::Status RecordIntent(Admission::State& call, const Action& action);
  absl::Status Refuse(Admission::State& call, absl::Status why);
  enum class Returned : std::uint8_t { kAll, kHeld, kHeldAndEffects };
  void GiveBack(Admission::State& call, Returned what);
  std::string NewCallId();

  const GateOptions options_;
  const LimitBook limits_;  // points into options_
  OncePerWindow told_;
  const Secret digest_key_;
  const std::string boot_;  // random, so that ids of two processes differ
  std::atomic<std::uint64_t> calls_{0};
  mutable Mutex policy_mutex_;
  // Every policy that was ever in force lives on: readers hold no count. An operator reloads now and then.
  std::vector<std::shared_ptr<const Policy>> policies_ MCPGATE_GUARDED_BY(policy_mutex_);
  std::atomic<const Policy*> policy_;
};

/// One call: what every record of it has in common, and what must be undone when a later step refuses.
/// Not thread-safe; belongs to the one call.
struct Admission::State {
  Gate::Impl* gate = nullptr;
  std::shared_ptr<const Principal> principal;
  AuditRecord record;
  Nanos started{0};
  bool intent_recorded = false;
  std::optional<LimitReceipt> receipt;
  std::uint64_t reservation = 0;
  std::int64_t cost = 0;
};

}  // namespace mcpgate
