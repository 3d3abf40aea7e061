#include "mcpgate/gate.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/key_admin.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

constexpr Action kPost = {.name = "post", .role = Role::kWriter, .effect = true, .limit_class = "posting"};
constexpr Action kLook = {.name = "look", .role = Role::kReader, .effect = false};

/// An audit sink that can be told to fail, and remembers in which order things came.
class StubbornSink final : public AuditSink {
 public:
  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    if (durability == AuditDurability::kBefore && !before_ok) return absl::UnavailableError("disk full");
    if (durability == AuditDurability::kQueued && !queued_ok)
      return absl::ResourceExhaustedError("queue full");
    records.push_back(std::move(record));
    durabilities.push_back(durability);
    return absl::OkStatus();
  }
  absl::Status Ready() override { return ready_ok ? absl::OkStatus() : absl::UnavailableError("queue full"); }
  absl::Status Flush() override { return absl::OkStatus(); }

  bool before_ok = true, queued_ok = true, ready_ok = true;
  std::vector<AuditRecord> records;
  std::vector<AuditDurability> durabilities;
};

class Purse final : public Budget {
 public:
  absl::StatusOr<BudgetDecision> Reserve(const Principal&, std::string_view, std::int64_t cost) override {
    if (broken) return absl::UnavailableError("no answer");
    if (cost > left) return BudgetDecision{.allowed = false, .reason = "empty purse"};
    left -= cost;
    held[++last] = cost;
    return BudgetDecision{.reservation = last};
  }
  void Settle(std::uint64_t reservation, std::int64_t spent) override {
    left += held.at(reservation) - spent;
    held.erase(reservation);
  }

  bool broken = false;
  std::int64_t left = 3;
  std::uint64_t last = 0;
  std::map<std::uint64_t, std::int64_t> held;
};

class BrokenLimiter final : public RateLimiter {
 public:
  absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge>, LimitReceipt*) override {
    return absl::UnavailableError("no answer");
  }
  absl::Status Return(const LimitReceipt&) override { return absl::UnavailableError("no answer"); }
  absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge>) override {
    return absl::UnavailableError("no answer");
  }
};

struct Door {
  explicit Door(bool reads_before = false, std::shared_ptr<RateLimiter> limiter = nullptr) {
    keyring = *Keyring::New(
        {.store = NewMemoryKeyStore(), .root_key = Secret(std::string(32, 'r')), .clock = &clock});
    if (!limiter) limiter = NewLocalRateLimiter({.clock = &clock});
    gate = *Gate::New({.keyring = keyring,
                       .audit = sink,
                       .limiter = std::move(limiter),
                       .budget = purse,
                       .audit_reads_before = reads_before,
                       .clock = &clock});
  }

  Credentials Key(Grants grants, std::optional<Nanos> lifetime = std::nullopt) {
    auto issued = keyring->admin().Issue(TenantScope::Operator(),
                                         {.name = "k", .grants = std::move(grants), .lifetime = lifetime});
    id = issued->record.id;
    return {.api_key = issued->token, .source = "test"};
  }
  Refusal::Code RefusalCode(const Credentials& who, const Action& what) {
    auto admission = gate->Admit(who, what);
    REQUIRE_FALSE(admission.ok());
    const auto refusal = RefusalOf(admission.status());
    REQUIRE(refusal.has_value());
    return refusal->code;
  }
  std::int64_t PostsLeft(const Credentials& who) {
    const auto principal = gate->Authenticate(who);
    REQUIRE(principal.ok());
    const auto standings = gate->Standing(**principal, "post", "posting");
    REQUIRE(standings.ok());
    return standings->at(0).remaining;
  }

  testing::FakeClock clock;
  std::shared_ptr<Keyring> keyring;
  std::shared_ptr<StubbornSink> sink = std::make_shared<StubbornSink>();
  std::shared_ptr<Purse> purse = std::make_shared<Purse>();
  std::unique_ptr<Gate> gate;
  std::string id;
};

TEST_CASE("an effect's intent is on record before the admission, and its outcome after") {
  Door door;
  const Credentials writer = door.Key({.role = Role::kWriter});
  auto admission = door.gate->Admit(writer, kPost);
  REQUIRE(admission.ok());
  REQUIRE(door.sink->records.size() == 1);
  CHECK(door.sink->records[0].phase == AuditPhase::kIntent);
  CHECK(door.sink->records[0].outcome == AuditOutcome::kAllow);
  CHECK(door.sink->durabilities[0] == AuditDurability::kBefore);
  door.clock.Advance(std::chrono::milliseconds(3));
  admission->Finish(Outcome{.fields = {{"message", "1"}}});
  REQUIRE(door.sink->records.size() == 2);
  const AuditRecord& outcome = door.sink->records[1];
  CHECK(outcome.phase == AuditPhase::kOutcome);
  CHECK(outcome.outcome == AuditOutcome::kOk);
  CHECK(outcome.call == door.sink->records[0].call);
  CHECK(outcome.key == door.id);
  CHECK(outcome.duration == std::chrono::milliseconds(3));
  CHECK(outcome.fields.back().second == "1");
}

TEST_CASE("a read leaves one queued record, or waits for it when told to") {
  Door door;
  auto admission = door.gate->Admit(door.Key({}), kLook);
  REQUIRE(admission.ok());
  CHECK(door.sink->records.empty());
  admission->Finish();
  REQUIRE(door.sink->records.size() == 1);
  CHECK(door.sink->records[0].phase == AuditPhase::kSingle);
  CHECK(door.sink->durabilities[0] == AuditDurability::kQueued);

  Door strict(/*reads_before=*/true);
  auto waited = strict.gate->Admit(strict.Key({}), kLook);
  REQUIRE(waited.ok());
  CHECK(strict.sink->durabilities.at(0) == AuditDurability::kBefore);
}

TEST_CASE("every credential that is not accepted gets the same answer, and the trail the reason") {
  Door door;
  const Credentials good = door.Key({});
  const Credentials expiring = door.Key({}, std::chrono::seconds(1));
  const Credentials revoked = door.Key({});
  REQUIRE(door.keyring->admin().Revoke(TenantScope::Operator(), door.id).ok());
  door.clock.Advance(std::chrono::seconds(2));
  std::string wrong(RevealSecret(good.api_key));
  wrong[20] = wrong[20] == 'a' ? 'b' : 'a';
  std::string message;
  for (const Credentials& who : {Credentials{}, Credentials{.api_key = Secret("nonsense")},
                                 Credentials{.api_key = Secret(wrong)}, expiring, revoked}) {
    auto admission = door.gate->Admit(who, kLook);
    REQUIRE_FALSE(admission.ok());
    if (message.empty()) message = std::string(admission.status().message());
    CHECK(admission.status().message() == message);
    CHECK(RefusalOf(admission.status())->code == Refusal::kInvalidCredential);
  }
  std::vector<std::string> reasons;
  for (const AuditRecord& record : door.sink->records) {
    CHECK(record.outcome == AuditOutcome::kDeny);
    reasons.push_back(record.reason);
  }
  CHECK(reasons == std::vector<std::string>{"missing", "malformed", "malformed", "expired", "revoked"});
}

TEST_CASE("the steps are taken in order: a lower one is not reached when a higher one refuses") {
  Door door;
  door.purse->left = 0;
  door.sink->before_ok = false;
  CHECK(door.RefusalCode({}, kPost) == Refusal::kInvalidCredential);
  CHECK(door.RefusalCode(door.Key({.role = Role::kReader}), kPost) == Refusal::kForbidden);
  const Credentials writer = door.Key({.role = Role::kWriter});
  CHECK(door.RefusalCode(writer, kPost) == Refusal::kBudgetExceeded);
  door.purse->left = 3;
  CHECK(door.RefusalCode(writer, kPost) == Refusal::kAuditUnavailable);
  CHECK_MESSAGE(door.PostsLeft(writer) == 5, "what a later step refused must not stay charged");
  CHECK(door.purse->left == 3);
}

TEST_CASE("the sixth post of an hour is refused with the exact wait, and admitted right after it") {
  Door door;
  door.purse->left = 100;
  const Credentials writer = door.Key({.role = Role::kWriter});
  for (int i = 0; i < 5; ++i) REQUIRE(door.gate->Admit(writer, kPost).ok());
  auto sixth = door.gate->Admit(writer, kPost);
  REQUIRE_FALSE(sixth.ok());
  const auto refusal = RefusalOf(sixth.status());
  CHECK(refusal->code == Refusal::kRateLimited);
  CHECK(refusal->policy == "posting");
  CHECK(refusal->limit == 5);
  door.clock.Advance(refusal->retry_after - Nanos(1));
  CHECK_FALSE(door.gate->Admit(writer, kPost).ok());
  door.clock.Advance(Nanos(1));
  CHECK(door.gate->Admit(writer, kPost).ok());
}

TEST_CASE("a post that certainly did not happen gives its unit back, one whose end is unknown does not") {
  Door door;
  const Credentials writer = door.Key({.role = Role::kWriter});
  auto failed = door.gate->Admit(writer, kPost);
  REQUIRE(failed.ok());
  CHECK(door.PostsLeft(writer) == 4);
  failed->Finish(Outcome{.result = AuditOutcome::kError, .nothing_happened = true});
  CHECK(door.PostsLeft(writer) == 5);
  CHECK(door.purse->left == 3);
  auto unknown = door.gate->Admit(writer, kPost);
  REQUIRE(unknown.ok());
  unknown->Finish(Outcome{.result = AuditOutcome::kUnknown});
  CHECK(door.PostsLeft(writer) == 4);
  CHECK(door.purse->left == 2);
}

TEST_CASE("a dropped admission is recorded as aborted and keeps its charge") {
  Door door;
  const Credentials writer = door.Key({.role = Role::kWriter});
  { auto dropped = door.gate->Admit(writer, kPost); }
  CHECK(door.sink->records.back().outcome == AuditOutcome::kAborted);
  CHECK(door.PostsLeft(writer) == 4);
}

/// A gate that lets two calls of a key run at once, for half a minute each.
struct Turnstile : Door {
  Turnstile() {
    gate = *Gate::New({.keyring = keyring,
                       .audit = sink,
                       .limiter = NewLocalRateLimiter({.clock = &clock}),
                       .limits = {{.name = "running",
                                   .algorithm = LimitAlgorithm::kConcurrency,
                                   .limit = 2,
                                   .window = std::chrono::seconds(30)}},
                       .clock = &clock});
    who = Key({.role = Role::kWriter});
  }
  Admission Enter() {
    auto admission = gate->Admit(who, kPost);
    REQUIRE(admission.ok());
    return *std::move(admission);
  }

  Credentials who;
};

TEST_CASE("as many calls run at once as the limit says, and the next is told that it is busy") {
  Turnstile door;
  Admission first = door.Enter(), second = door.Enter();
  const auto third = door.gate->Admit(door.who, kPost);
  const auto refusal = RefusalOf(third.status());
  REQUIRE(refusal.has_value());
  CHECK(refusal->code == Refusal::kBusy);
  CHECK(refusal->policy == "running");
  CHECK(refusal->limit == 2);
  CHECK(refusal->retry_after == Nanos(0));
  CHECK(door.sink->records.back().reason == "limit 'running': 2 at once");
}

TEST_CASE("a call that ends makes room, however it ends") {
  Turnstile door;
  Admission held = door.Enter();
  door.Enter().Finish();
  door.Enter().Finish(absl::InternalError("broke"));
  door.Enter().Finish({.nothing_happened = true});
  { const Admission dropped = door.Enter(); }
  const Admission last = door.Enter();
  CHECK(door.RefusalCode(door.who, kPost) == Refusal::kBusy);
}

TEST_CASE("a call that a later step refuses holds nothing") {
  Turnstile door;
  door.sink->before_ok = false;
  for (int i = 0; i < 5; ++i) CHECK(door.RefusalCode(door.who, kPost) == Refusal::kAuditUnavailable);
  door.sink->before_ok = true;
  const Admission first = door.Enter(), second = door.Enter();
}

TEST_CASE("a call that never ends makes room when its time is over, and its late end frees nobody else's") {
  Turnstile door;
  Admission lost = door.Enter(), forgotten = door.Enter();
  door.clock.Advance(std::chrono::seconds(30));
  const Admission third = door.Enter(), fourth = door.Enter();
  lost.Finish();
  CHECK(door.RefusalCode(door.who, kPost) == Refusal::kBusy);
}

TEST_CASE("a trail that is full or gone stops effects, and reads when their record has no room") {
  Door door;
  const Credentials writer = door.Key({.role = Role::kWriter});
  door.sink->before_ok = false;
  CHECK(door.RefusalCode(writer, kPost) == Refusal::kAuditUnavailable);
  CHECK(door.gate->Admit(writer, kLook).ok());
  door.sink->ready_ok = false;
  CHECK(door.RefusalCode(writer, kLook) == Refusal::kAuditUnavailable);
}

TEST_CASE("the outcome of an effect waits for the disk when the queue is full") {
  Door door;
  auto admission = door.gate->Admit(door.Key({.role = Role::kWriter}), kPost);
  REQUIRE(admission.ok());
  door.sink->queued_ok = false;
  admission->Finish();
  REQUIRE(door.sink->records.size() == 2);
  CHECK(door.sink->durabilities[1] == AuditDurability::kBefore);
}

TEST_CASE("a limiter or a budget that does not answer is a no") {
  Door deaf(false, std::make_shared<BrokenLimiter>());
  CHECK(deaf.RefusalCode(deaf.Key({.role = Role::kWriter}), kPost) == Refusal::kStoreUnavailable);
  Door door;
  door.purse->broken = true;
  CHECK(door.RefusalCode(door.Key({.role = Role::kWriter}), kPost) == Refusal::kStoreUnavailable);
}

TEST_CASE("the arguments are on record as a keyed digest and a size, never as text") {
  Door door;
  Action post = kPost;
  post.arguments = R"({"content":"canary"})";
  auto admission = door.gate->Admit(door.Key({.role = Role::kWriter}), post);
  REQUIRE(admission.ok());
  std::string text;
  AppendAuditJson(text, door.sink->records[0]);
  CHECK(text.find("canary") == std::string::npos);
  CHECK(door.sink->records[0].args_bytes == post.arguments.size());
  CHECK(door.sink->records[0].args_digest.size() == 32);
}

TEST_CASE("a resource outside the key's list is refused and recorded; filtering is silent") {
  Door door;
  auto admission = door.gate->Admit(door.Key({.resources = {"shelf:a*"}}), kLook);
  REQUIRE(admission.ok());
  CHECK(admission->Authorize("shelf:abc").ok());
  CHECK(admission->Permits("shelf:a"));
  CHECK_FALSE(admission->Permits("shelf:b"));
  CHECK(door.sink->records.empty());
  const absl::Status no = admission->Authorize("shelf:b");
  CHECK(RefusalOf(no)->code == Refusal::kForbidden);
  REQUIRE(door.sink->records.size() == 1);
  CHECK(door.sink->records[0].fields.at(0).second == "shelf:b");
}

TEST_CASE("what lists show is what calls allow, for every role") {
  Door door;
  door.purse->left = 1000;
  for (Role key : {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin}) {
    const Credentials who = door.Key({.role = key, .allow_tools = {"open_*"}, .deny_tools = {"*_shut"}});
    const auto principal = *door.gate->Authenticate(who);
    for (Role tool : {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin}) {
      for (std::string_view name : {"plain", "open_door", "open_shut", "shut"}) {
        const bool shown = door.gate->Permits(*principal, name, tool);
        const bool called = door.gate->Admit(who, {.name = name, .role = tool, .effect = false}).ok();
        CHECK(shown == called);
        const bool denied = name == "open_shut";
        CHECK(shown == (!denied && (key >= tool || name == "open_door")));
      }
    }
  }
}

TEST_CASE("refusals survive the way through Status whole") {
  const Refusal before{.code = Refusal::kRateLimited,
                       .message = "wait",
                       .policy = "posting",
                       .limit = 5,
                       .window = Nanos(11),
                       .retry_after = Nanos(7)};
  const auto after = RefusalOf(MakeRefusal(before));
  REQUIRE(after.has_value());
  CHECK(after->code == before.code);
  CHECK(after->message == before.message);
  CHECK(after->policy == before.policy);
  CHECK(after->limit == before.limit);
  CHECK(after->window == before.window);
  CHECK(after->retry_after == before.retry_after);
  CHECK_FALSE(RefusalOf(absl::PermissionDeniedError("no payload")).has_value());
}

TEST_CASE("a gate is not made of missing or malformed parts") {
  Door door;
  CHECK(absl::IsInvalidArgument(Gate::New({}).status()));
  CHECK(absl::IsInvalidArgument(Gate::New({.keyring = door.keyring}).status()));
  CHECK(absl::IsInvalidArgument(Gate::New({.keyring = door.keyring, .audit = door.sink}).status()));
  auto twice = Gate::New({.keyring = door.keyring,
                          .audit = door.sink,
                          .limiter = NewLocalRateLimiter(),
                          .limits = {PostingLimit(), PostingLimit()}});
  CHECK(twice.status().message().find("posting") != std::string::npos);
  LimitPolicy by_address = PostingLimit();
  by_address.scope = LimitScope::kAddress;
  auto misplaced = Gate::New({.keyring = door.keyring,
                              .audit = door.sink,
                              .limiter = NewLocalRateLimiter(),
                              .limits = {by_address}});
  CHECK(misplaced.status().message().find("scope address") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate
