#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>

#include "mcpgate/policy.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using std::chrono::hours;

const TenantScope kOperator = TenantScope::Operator();

struct Sessions : testing::KeyringFixture {
  Sessions() : admin(ring->admin()) {
    REQUIRE(
        ring->people().CreateHolder(kOperator, {.tenant = "default", .id = "ada", .session_limit = 3}).ok());
    parent = Issue({.name = "laptop",
                    .grants = {.role = Role::kWriter, .resources = {"shelf:*"}},
                    .lifetime = hours(100),
                    .principal = "ada"});
  }
  absl::StatusOr<IssuedKey> Mint(std::optional<Grants> grants = {}, Nanos lifetime = hours(1)) {
    return admin.MintSession(
        kOperator,
        {.parent = parent.record.id, .name = "s", .grants = std::move(grants), .lifetime = lifetime});
  }
  IssuedKey MustMint(std::optional<Grants> grants = {}, Nanos lifetime = hours(1)) {
    auto minted = Mint(std::move(grants), lifetime);
    REQUIRE_MESSAGE(minted.ok(), minted.status().ToString());
    return *std::move(minted);
  }

  KeyAdmin& admin;
  IssuedKey parent;
};

TEST_CASE("what a token of a key would be taken for can be told without the token") {
  Sessions sessions;
  const IssuedKey session = sessions.MustMint({}, hours(2));
  const auto shown = sessions.Verify(session.token).principal;
  const auto assess = [&](const std::string& id) { return *sessions.ring->Assess(id); };
  const KeyVerdict told = assess(session.record.id);
  CHECK(told.refusal == KeyRefusal::kNone);
  REQUIRE(told.principal != nullptr);
  CHECK(told.principal->grants == shown->grants);
  CHECK(*told.principal->ceiling == *shown->ceiling);
  CHECK(assess("nobody").refusal == KeyRefusal::kUnknown);
  sessions.clock.Advance(hours(2));
  CHECK(assess(session.record.id).refusal == KeyRefusal::kExpired);
  REQUIRE(sessions.ring->admin().Revoke(TenantScope::Operator(), sessions.parent.record.id).ok());
  CHECK(assess(sessions.parent.record.id).refusal == KeyRefusal::kRevoked);
  CHECK(assess(session.record.id).refusal == KeyRefusal::kParentEnded);
}

TEST_CASE("a session is a token of its own kind, for the parent's tenant and principal") {
  Sessions sessions;
  const IssuedKey session = sessions.MustMint();
  CHECK(RevealSecret(session.token).starts_with("mcpg_s_" + session.record.id));
  const auto principal = sessions.Verify(session.token).principal;
  REQUIRE(principal != nullptr);
  CHECK(principal->tenant == "default");
  CHECK(principal->principal == "ada");
  CHECK(principal->family == session.record.id);
  REQUIRE(principal->ceiling != nullptr);
  CHECK(*principal->ceiling == sessions.parent.record.grants);
}

TEST_CASE("a session ends by its own time, at most with its parent's") {
  Sessions sessions;
  const IssuedKey brief = sessions.MustMint({}, hours(2)), lasting = sessions.MustMint({}, hours(2000));
  CHECK(lasting.record.expires_at == sessions.parent.record.expires_at);
  sessions.clock.Advance(hours(2));
  CHECK(sessions.RefusalOf(brief.token) == KeyRefusal::kExpired);
  CHECK(sessions.RefusalOf(lasting.token) == KeyRefusal::kNone);
  sessions.clock.Advance(hours(98));
  CHECK(sessions.RefusalOf(lasting.token) == KeyRefusal::kExpired);
}

TEST_CASE("a session ends with its parent at once, however the parent ends") {
  Sessions sessions;
  const IssuedKey session = sessions.MustMint();
  const std::string id = sessions.parent.record.id;
  REQUIRE(sessions.RefusalOf(session.token) == KeyRefusal::kNone);
  SUBCASE("disabled") {
    REQUIRE(sessions.admin.SetDisabled(kOperator, id, true).ok());
    CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kParentEnded);
    REQUIRE(sessions.admin.SetDisabled(kOperator, id, false).ok());
    CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kNone);
  }
  SUBCASE("revoked") {
    REQUIRE(sessions.admin.Revoke(kOperator, id).ok());
    CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kParentEnded);
  }
  SUBCASE("the principal disabled") {
    REQUIRE(sessions.ring->people().UpdateHolder(kOperator, "default", "ada", {.disabled = true}).ok());
    CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kPrincipalDisabled);
  }
  SUBCASE("not by a rotation, which leaves the family a live secret") {
    REQUIRE(sessions.admin.Rotate(kOperator, id, hours(1)).ok());
    REQUIRE(sessions.admin.FinishRotation(kOperator, id).ok());
    CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kNone);
  }
}

TEST_CASE("a revoked session leaves its parent alone") {
  Sessions sessions;
  const IssuedKey session = sessions.MustMint();
  REQUIRE(sessions.admin.Revoke(kOperator, session.record.id).ok());
  CHECK(sessions.RefusalOf(session.token) == KeyRefusal::kRevoked);
  CHECK(sessions.RefusalOf(sessions.parent.token) == KeyRefusal::kNone);
}

TEST_CASE("a session limit counts live sessions of the principal, and an ended one makes room") {
  Sessions sessions;
  const IssuedKey first = sessions.MustMint({}, hours(1));
  sessions.MustMint({}, hours(5));
  sessions.MustMint({}, hours(5));
  CHECK(absl::IsResourceExhausted(sessions.Mint().status()));
  REQUIRE(sessions.admin.Revoke(kOperator, first.record.id).ok());
  CHECK(sessions.Mint({}, hours(1)).ok());
  CHECK(absl::IsResourceExhausted(sessions.Mint().status()));
  sessions.clock.Advance(hours(1));
  CHECK(sessions.Mint().ok());
}

TEST_CASE("a session is minted within a key's role, from a live key, and not from a session") {
  Sessions sessions;
  const IssuedKey session = sessions.MustMint();
  CHECK(absl::IsInvalidArgument(sessions.Mint(Grants{.role = Role::kManager}).status()));
  CHECK(absl::IsFailedPrecondition(
      sessions.admin.MintSession(kOperator, {.parent = session.record.id, .name = "s"}).status()));
  CHECK(absl::IsInvalidArgument(sessions.Mint({}, hours(24 * 91)).status()));
  REQUIRE(sessions.admin.Revoke(kOperator, sessions.parent.record.id).ok());
  CHECK(absl::IsFailedPrecondition(sessions.Mint().status()));
}

// Random rights of names so few that they meet.
class Rights {
 public:
  explicit Rights(unsigned seed) : random_(seed) {}

  std::string Pattern() {
    static const char* const kPatterns[] = {"*", "a*", "*b", "ab", "b", "a*b", "c"};
    return kPatterns[random_() % std::size(kPatterns)];
  }
  std::vector<std::string> Patterns() {
    std::vector<std::string> patterns;
    while (random_() % 3 == 0) patterns.push_back(Pattern());
    return patterns;
  }
  Role AnyRole(Role most) { return static_cast<Role>(1 + random_() % static_cast<unsigned>(most)); }
  Grants Any(Role most) {
    return {
        .role = AnyRole(most), .allow_tools = Patterns(), .deny_tools = Patterns(), .resources = Patterns()};
  }
  PolicyOptions Rules() {
    PolicyOptions options;
    for (int role = 1; role <= 5; ++role) options.roles[static_cast<Role>(role)] = {Patterns(), Patterns()};
    return options;
  }

 private:
  std::mt19937 random_;
};

TEST_CASE("no session ever may what its parent may not, whatever both were given and the parent becomes") {
  int granted = 0, withheld = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    testing::KeyringFixture keys;
    KeyAdmin& admin = keys.ring->admin();
    Rights rights(seed);
    const IssuedKey parent = keys.Issue({.name = "p", .grants = rights.Any(Role::kAdmin)});
    const auto session = admin.MintSession(
        kOperator,
        {.parent = parent.record.id, .name = "s", .grants = rights.Any(parent.record.grants.role)});
    REQUIRE(session.ok());
    const auto policy = Policy::New(rights.Rules());
    REQUIRE(policy.ok());
    for (int round = 0; round < 3; ++round) {
      const auto above = keys.Verify(parent.token).principal, below = keys.Verify(session->token).principal;
      for (const char* name : {"a", "b", "ab", "aab", "c", "ba"}) {
        for (int role = 1; role <= 5; ++role) {
          const bool may = (*policy)->Permits(*below, name, static_cast<Role>(role));
          REQUIRE_FALSE((may && !(*policy)->Permits(*above, name, static_cast<Role>(role))));
          ++(may ? granted : withheld);
        }
        REQUIRE_FALSE((Policy::PermitsResource(*below, name) && !Policy::PermitsResource(*above, name)));
      }
      REQUIRE(admin.Update(kOperator, parent.record.id, {.grants = rights.Any(Role::kAdmin)}).ok());
    }
  }
  CHECK(granted > 1000);
  CHECK(withheld > 1000);
}

}  // namespace
}  // namespace mcpgate
