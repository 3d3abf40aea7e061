// What surrounds the five steps: construction, identity alone, and the end of a call.
#include <fmt/format.h>

#include <utility>

#include "base/crypto.h"
#include "gate/impl.h"
#include "gate/limits.h"

namespace mcpgate {
namespace {

std::string RandomBoot() {
  std::array<std::uint8_t, 6> bytes;
  FillRandom(bytes);
  return HexEncode(bytes);
}

}  // namespace

Gate::Impl::Impl(GateOptions options)
    : options_(std::move(options)),
      limits_(options_.limits),
      told_(*options_.clock),
      digest_key_(options_.digest_key.empty() ? RandomSecret() : options_.digest_key),
      boot_(RandomBoot()),
      policies_{options_.policy},
      policy_(options_.policy.get()) {}

std::shared_ptr<const Policy> Gate::Impl::SharedPolicy() const {
  MutexLock lock(policy_mutex_);
  return policies_.back();
}

void Gate::Impl::SetPolicy(std::shared_ptr<const Policy> policy) {
  MutexLock lock(policy_mutex_);
  policies_.push_back(std::move(policy));
  policy_.store(policies_.back().get(), std::memory_order_release);
}

std::string Gate::Impl::NewCallId() {
  const fmt::format_int number(calls_.fetch_add(1, std::memory_order_relaxed));
  std::string id;
  id.reserve(boot_.size() + 1 + number.size());
  return id.append(boot_).append(1, '-').append(number.data(), number.size());
}

std::unique_ptr<Admission::State> Gate::Impl::Begin(const Credentials& credentials, const Action& action) {
  auto call = std::make_unique<Admission::State>();
  call->gate = this;
  call->started = options_.clock->Steady();
  call->cost = action.cost;
  AuditRecord& record = call->record;
  record.time = options_.clock->Now();
  record.call = NewCallId();
  record.klass = action.klass;
  record.action = action.name;
  record.source = credentials.source;
  record.request = action.request;
  record.fields = action.fields;
  return call;
}

absl::StatusOr<std::shared_ptr<const Principal>> Gate::Impl::Authenticate(const Credentials& credentials) {
  absl::StatusOr<KeyVerdict> verdict = options_.keyring->Verify(credentials.api_key);
  if (verdict.ok() && verdict->principal) return std::move(verdict->principal);
  std::unique_ptr<Admission::State> call = Begin(credentials, {.name = "authenticate"});
  call->record.klass = AuditClass::kAuth;
  absl::Status no = Authenticate(*call, credentials);
  if (no.ok()) return std::move(call->principal);  // it became valid between the two looks
  return Refuse(*call, std::move(no));
}

absl::Status Gate::Impl::AuthorizeResource(const Admission::State& call, std::string_view resource) {
  if (Policy::PermitsResource(*call.principal, resource)) return absl::OkStatus();
  const std::string shown(resource.substr(0, 200));
  AuditRecord denied = call.record;
  denied.time = options_.clock->Now();
  denied.outcome = AuditOutcome::kDeny;
  denied.reason = "resource not granted";
  denied.fields = {{"resource", shown}};
  options_.audit->Append(std::move(denied), AuditDurability::kQueued).IgnoreError();
  return MakeRefusal(
      {.code = Refusal::kForbidden, .message = fmt::format("this key may not touch {}", shown)});
}

// A limit of what runs at once is given back at every call's end. A limit of a class counts effects, so a
// call that had none gives its unit back; a limit of all calls counts calls.
void Gate::Impl::GiveBack(Admission::State& call, Returned what) {
  if (!call.receipt) return;
  std::erase_if(call.receipt->lines, [what](const LimitReceipt::Line& line) {
    if (what == Returned::kAll || line.policy->algorithm == LimitAlgorithm::kConcurrency) return false;
    return what == Returned::kHeld || line.policy->applies_to.empty();
  });
  // A unit that cannot be given back stays counted: too few calls is the safe error.
  if (!call.receipt->lines.empty()) options_.limiter->Return(*call.receipt).IgnoreError();
  call.receipt.reset();
}

void Gate::Impl::Settle(Admission::State& call, Outcome outcome) {
  GiveBack(call, outcome.nothing_happened ? Returned::kHeldAndEffects : Returned::kHeld);
  if (call.reservation != 0)
    options_.budget->Settle(call.reservation, outcome.nothing_happened ? 0 : call.cost);
  AuditRecord& record = call.record;
  record.outcome = outcome.result;
  record.reason = std::move(outcome.reason);
  record.duration = options_.clock->Steady() - call.started;
  for (auto& field : outcome.fields) record.fields.push_back(std::move(field));
  if (!call.intent_recorded) {
    options_.audit->Append(std::move(record), AuditDurability::kQueued).IgnoreError();
    return;
  }
  record.phase = AuditPhase::kOutcome;
  record.time = options_.clock->Now();
  // The outcome of an effect is worth waiting for when the queue is full.
  if (!options_.audit->Append(record, AuditDurability::kQueued).ok()) {
    options_.audit->Append(std::move(record), AuditDurability::kBefore).IgnoreError();
  }
}

absl::StatusOr<std::unique_ptr<Gate>> Gate::New(GateOptions options) {
  if (!options.keyring) return absl::InvalidArgumentError("GateOptions.keyring is not set");
  if (!options.audit) {
    return absl::InvalidArgumentError(
        "GateOptions.audit is not set; NewMemoryAuditSink() keeps records in memory");
  }
  if (!options.limits.empty() && !options.limiter) {
    return absl::InvalidArgumentError("GateOptions.limits is not empty but GateOptions.limiter is not set");
  }
  if (absl::Status bad = CheckLimits(options.limits); !bad.ok()) return bad;
  if (!options.policy) {
    auto policy = Policy::New({});
    if (!policy.ok()) return policy.status();
    options.policy = *std::move(policy);
  }
  return std::unique_ptr<Gate>(new Gate(std::make_unique<Impl>(std::move(options))));
}

Gate::Gate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gate::~Gate() = default;

absl::StatusOr<Admission> Gate::Admit(const Credentials& credentials, const Action& action) {
  return impl_->Admit(credentials, action);
}

absl::StatusOr<std::shared_ptr<const Principal>> Gate::Authenticate(const Credentials& credentials) {
  return impl_->Authenticate(credentials);
}

bool Gate::Permits(const Principal& principal, std::string_view name, Role required) const {
  return impl_->policy().Permits(principal, name, required);
}

absl::StatusOr<std::vector<LimitStanding>> Gate::Standing(const Principal& principal, std::string_view name,
                                                          std::string_view limit_class) const {
  const ChargeSheet sheet(impl_->limits(), principal, name, limit_class, 1);
  if (sheet.charges().empty()) return std::vector<LimitStanding>{};
  return impl_->options().limiter->Peek(sheet.charges());
}

const std::vector<LimitPolicy>& Gate::limits() const { return impl_->options().limits; }

void Gate::SetPolicy(std::shared_ptr<const Policy> policy) { impl_->SetPolicy(std::move(policy)); }
std::shared_ptr<const Policy> Gate::policy() const { return impl_->SharedPolicy(); }

Admission::Admission(std::unique_ptr<State> state) : state_(std::move(state)) {}
Admission::Admission(Admission&& other) noexcept = default;

Admission& Admission::operator=(Admission&& other) noexcept {
  if (this != &other) {
    if (state_) Finish(Outcome{.result = AuditOutcome::kAborted});
    state_ = std::move(other.state_);
  }
  return *this;
}

Admission::~Admission() {
  if (state_) Finish(Outcome{.result = AuditOutcome::kAborted});
}

const Principal& Admission::principal() const { return *state_->principal; }
std::shared_ptr<const Principal> Admission::shared_principal() const { return state_->principal; }
const std::string& Admission::call() const { return state_->record.call; }

bool Admission::Permits(std::string_view resource) const {
  return Policy::PermitsResource(*state_->principal, resource);
}

absl::Status Admission::Authorize(std::string_view resource) {
  return state_->gate->AuthorizeResource(*state_, resource);
}

void Admission::Finish(Outcome outcome) {
  if (!state_) return;
  state_->gate->Settle(*state_, std::move(outcome));
  state_.reset();
}

void Admission::Finish(const absl::Status& status) {
  if (status.ok()) return Finish(Outcome{});
  Finish(Outcome{.result = AuditOutcome::kError,
                 .reason = std::string(absl::StatusCodeToString(status.code()))});
}

}  // namespace mcpgate
