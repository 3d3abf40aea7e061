// File: gate.h
//
// Start here. The gate stands in front of anything that can be called, MCP or not:
//
//   auto admission = gate->Admit(credentials, {.name = "reboot", .role = Role::kAdmin, .effect = true});
//   if (!admission.ok()) return admission.status();   // RefusalOf() says why and when to retry
//   absl::Status done = Reboot();
//   admission->Finish(done);
//
// Five steps in fixed order: authenticate, authorize, limit, reserve budget, record the intent.
// `gate/gate.cc` is that order, from top to bottom.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/budget.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/key_store.h"
#include "mcpgate/policy.h"
#include "mcpgate/principal.h"
#include "mcpgate/rate_limiter.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// What a caller shows, and where it came in.
struct Credentials {
  Secret api_key{};
  std::string source = "embedded";  ///< for the audit trail: "stdio", "http 203.0.113.7"
  std::string address{};            ///< the caller's, as text, for keys that are bound to networks
};

/// What the caller wants to do. Views outlive `Admit`.
struct Action {
  std::string_view name{};
  Role role = Role::kAdmin;  ///< the lowest role that may, unless a rule grants it
  bool effect = true;        ///< false only when it changes nothing outside: then its record may be queued
  AuditClass klass = AuditClass::kTool;  ///< what the trail calls it; kAdmin for changes of who may what
  std::string_view limit_class{};        ///< "posting": brings the limits that apply to that class
  std::int64_t cost = 1;
  std::string_view request{};    ///< the caller's id of the request, for the trail
  std::string_view arguments{};  ///< canonical text; only its keyed digest and size are recorded
  std::vector<std::pair<std::string, std::string>> fields{};  ///< recorded in clear
};

/// Why the gate said no. Codes lie outside JSON-RPC's reserved range.
struct Refusal {
  enum Code : std::int32_t {
    kInvalidCredential = 40101,
    kForbidden = 40301,
    kBudgetExceeded = 40201,
    kRateLimited = 42901,
    kBusy = 42902,
    kAuditUnavailable = 50301,
    kStoreUnavailable = 50302,
  };
  Code code = kForbidden;
  std::string message{};   ///< for the caller; never says whether a key exists
  std::string policy{};    ///< kRateLimited, and kBusy of a limit: its name
  std::int64_t limit = 0;  ///< the same
  Nanos window{0};         ///< kRateLimited: `limit` in each of these
  Nanos retry_after{0};    ///< kRateLimited: exact
};
/// The refusal inside a Status that `Admit` or `Authenticate` returned; nullopt for any other Status.
MCPGATE_EXPORT std::optional<Refusal> RefusalOf(const absl::Status& status);
/// A Status that carries `refusal`, with the matching canonical code.
MCPGATE_EXPORT absl::Status MakeRefusal(const Refusal& refusal);

/// How an admitted call ended.
struct Outcome {
  AuditOutcome result = AuditOutcome::kOk;
  std::string reason{};  ///< short, no argument values
  /// The effect certainly did not happen, so limits that count effects give their unit back.
  bool nothing_happened = false;
  std::vector<std::pair<std::string, std::string>> fields{};  ///< recorded in clear with the outcome
};

/// What a gate says of its limits. Views end with the callback.
struct LimitEvent {
  enum class Kind : std::uint8_t {
    kNear,     ///< four fifths are used; once a window for each policy and partition
    kShadow,   ///< a policy in shadow mode would have refused this call
    kRefused,  ///< the policy refused this call
  };
  Kind kind = Kind::kNear;
  const LimitPolicy* policy = nullptr;
  std::string_view partition{};  ///< whose counter: a key's family, a tenant, a tool ...
  std::string_view key_id{}, tenant{}, action{};
  std::int64_t remaining = 0;
  bool first = true;  ///< of its kind in this window, policy and partition; kRefused: always
};

struct GateOptions {
  std::shared_ptr<Keyring> keyring{};
  std::shared_ptr<AuditSink> audit{};
  std::shared_ptr<RateLimiter> limiter{};  ///< may be null when `limits` is empty
  std::vector<LimitPolicy> limits = {PostingLimit()};
  std::shared_ptr<const Policy> policy{};  ///< null: roles as tools declare them, nothing beyond
  std::shared_ptr<Budget> budget{};        ///< null: no budgets
  Secret digest_key{};              ///< keys the argument digests; empty: a random one for this process
  bool audit_reads_before = false;  ///< make read-only calls wait for their record too
  /// Called on the way of a call, with no lock held; return soon. May be empty.
  std::function<void(const LimitEvent&)> on_limit{};
  const Clock* clock = &Clock::System();
};

class Gate;

/// Admission
///
/// The right to make one call. `Finish` settles it; one that is dropped unfinished is recorded as aborted and
/// keeps what it was charged. Not thread-safe; move it to where the call runs. Must not outlive its Gate.
class MCPGATE_EXPORT Admission {
 public:
  Admission(Admission&& other) noexcept;
  Admission& operator=(Admission&& other) noexcept;
  ~Admission();

  const Principal& principal() const;
  std::shared_ptr<const Principal> shared_principal() const;
  /// The id that ties this call's records together.
  const std::string& call() const;
  /// Of the windows that the call was charged to, the one with the smallest share left; nullptr: none. Until
  /// `Finish`.
  const LimitReceipt::Line* tightest_limit() const;
  /// Whether the key's resources cover `resource`. Silent; for filtering lists.
  bool Permits(std::string_view resource) const;
  /// The same decision for an act on `resource`: PermissionDenied (a Refusal) when not covered, and recorded.
  absl::Status Authorize(std::string_view resource);
  void Finish(Outcome outcome = {});
  void Finish(const absl::Status& status);

 private:
  friend class Gate;
  struct State;
  explicit Admission(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Gate
///
/// Safe for concurrent use. No lock is held while a store, sink or budget is asked.
class MCPGATE_EXPORT Gate {
 public:
  /// InvalidArgument when a part is missing or a limit is malformed.
  static absl::StatusOr<std::unique_ptr<Gate>> New(GateOptions options);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// All five steps for one call. Every answer, yes or no, leaves a record.
  absl::StatusOr<Admission> Admit(const Credentials& credentials, const Action& action);
  /// The first step alone, for what has no effect and needs an identity (a list). Only refusals are recorded.
  absl::StatusOr<std::shared_ptr<const Principal>> Authenticate(const Credentials& credentials);
  /// The evaluator that decides calls, asked about a list entry.
  bool Permits(const Principal& principal, std::string_view name, Role required) const;
  /// The limits that would rule this call, as they stand for `principal`.
  absl::StatusOr<std::vector<LimitStanding>> Standing(const Principal& principal, std::string_view name,
                                                      std::string_view limit_class) const;
  const std::vector<LimitPolicy>& limits() const;
  /// Decides by `policy` (not null) from now on; calls under way go on by the one they began with.
  void SetPolicy(std::shared_ptr<const Policy> policy);
  std::shared_ptr<const Policy> policy() const;

 private:
  friend class Admission;
  class Impl;
  explicit Gate(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcpgate
