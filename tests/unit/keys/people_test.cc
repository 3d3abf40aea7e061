#include "mcpgate/people.h"

#include <doctest/doctest.h>

#include <string>

#include "support/tenant.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using testing::ScopeOf;
using Ring = testing::KeyringFixture;

const TenantScope kOperator = TenantScope::Operator();

struct Company : Ring {
  Company() : people(ring->people()) {
    REQUIRE(people.CreateTenant(kOperator, {.id = "acme", .name = "Acme"}).ok());
    REQUIRE(people.CreateTenant(kOperator, {.id = "bolt"}).ok());
    REQUIRE(people.CreateTeam(kOperator, {.tenant = "acme", .id = "web"}).ok());
    REQUIRE(people.CreateHolder(kOperator, Ada()).ok());
  }
  static KeyHolder Ada() {
    return {.tenant = "acme", .id = "ada", .name = "Ada", .team = "web", .external_ids = {"discord:7"}};
  }
  IssuedKey KeyOfAda() { return Issue({.name = "laptop", .tenant = "acme", .principal = "ada"}); }

  People& people;
};

TEST_CASE("a key stands for its principal and the principal's team") {
  Company company;
  const KeyVerdict verdict = company.Verify(company.KeyOfAda().token);
  REQUIRE(verdict.principal != nullptr);
  CHECK(verdict.principal->tenant == "acme");
  CHECK(verdict.principal->principal == "ada");
  CHECK(verdict.principal->team == "web");
}

TEST_CASE("disabling tenant, team or principal refuses the keys below at once, and enabling grants them") {
  Company company;
  const Secret token = company.KeyOfAda().token;
  const auto check = [&](auto disable, KeyRefusal refusal) {
    REQUIRE(company.RefusalOf(token) == KeyRefusal::kNone);
    REQUIRE(disable(true).ok());
    CHECK(company.RefusalOf(token) == refusal);
    REQUIRE(disable(false).ok());
    CHECK(company.RefusalOf(token) == KeyRefusal::kNone);
  };
  check([&](bool off) { return company.people.UpdateTenant(kOperator, "acme", {.disabled = off}).status(); },
        KeyRefusal::kTenantDisabled);
  check(
      [&](bool off) {
        return company.people.UpdateTeam(kOperator, "acme", "web", {.disabled = off}).status();
      },
      KeyRefusal::kTeamDisabled);
  check(
      [&](bool off) {
        return company.people.UpdateHolder(kOperator, "acme", "ada", {.disabled = off}).status();
      },
      KeyRefusal::kPrincipalDisabled);
}

TEST_CASE("a forged row above a key refuses the key as tampered") {
  Company company;
  const Secret token = company.KeyOfAda().token;
  auto row = company.store->FindPerson(PersonKind::kPrincipal, "acme", "ada");
  REQUIRE((row.ok() && row->has_value()));
  PersonRecord forged = **row;
  forged.parent = "";
  ++forged.version;
  const RowChange change{.verb = RowChange::Verb::kUpdate, .row = forged};
  REQUIRE(company.store->Apply({&change, 1}).ok());
  CHECK(company.RefusalOf(token) == KeyRefusal::kTampered);
  CHECK(absl::IsDataLoss(company.people.ShowHolder(kOperator, "acme", "ada").status()));
}

TEST_CASE("a tenant sees its own rows and no others") {
  Company company;
  const TenantScope bolt = ScopeOf("bolt"), acme = ScopeOf("acme");
  CHECK(absl::IsNotFound(company.people.ShowTenant(bolt, "acme").status()));
  CHECK(absl::IsNotFound(company.people.ShowTeam(bolt, "acme", "web").status()));
  CHECK(absl::IsNotFound(company.people.ShowHolder(bolt, "acme", "ada").status()));
  CHECK(absl::IsNotFound(company.people.FindHolder(bolt, "acme", "discord:7").status()));
  CHECK(absl::IsNotFound(company.people.UpdateHolder(bolt, "acme", "ada", {.disabled = true}).status()));
  CHECK(absl::IsNotFound(company.people.CreateTeam(bolt, {.tenant = "acme", .id = "x"}).status()));
  CHECK(company.people.ListHolders(bolt, "acme", "", "", 10)->rows.empty());
  CHECK(company.people.ListHolders(bolt, "", "", "", 10)->rows.empty());
  CHECK(company.people.ListHolders(acme, "", "", "", 10)->rows.size() == 1);
  CHECK(company.people.ListTenants(acme, "", 10)->rows.size() == 1);
  CHECK(company.people.ListTenants(kOperator, "", 10)->rows.size() == 2);
  CHECK(absl::IsPermissionDenied(company.people.CreateTenant(acme, {.id = "new"}).status()));
  CHECK(absl::IsPermissionDenied(company.people.UpdateTenant(acme, "acme", {.disabled = false}).status()));
}

TEST_CASE("a tenant sees its own keys and no others") {
  Company company;
  const IssuedKey key = company.KeyOfAda();
  const TenantScope bolt = ScopeOf("bolt"), acme = ScopeOf("acme");
  KeyAdmin& admin = company.ring->admin();
  CHECK(absl::IsNotFound(admin.Show(bolt, key.record.id).status()));
  CHECK(absl::IsNotFound(admin.Revoke(bolt, key.record.id).status()));
  CHECK(absl::IsNotFound(admin.Issue(bolt, {.name = "x", .tenant = "acme"}).status()));
  CHECK(admin.List(bolt, {})->keys.empty());
  CHECK(admin.List(bolt, {.tenant = "acme"})->keys.empty());
  CHECK(admin.List(acme, {})->keys.size() == 1);
  CHECK(admin.Show(acme, key.record.id).ok());
}

TEST_CASE("an external id finds its principal, and is unique in a tenant alone") {
  Company company;
  CHECK(company.people.FindHolder(kOperator, "acme", "discord:7")->id == "ada");
  CHECK(absl::IsNotFound(company.people.FindHolder(kOperator, "acme", "discord:8").status()));
  KeyHolder eve{.tenant = "acme", .id = "eve", .external_ids = {"discord:8", "discord:7"}};
  CHECK(absl::IsAlreadyExists(company.people.CreateHolder(kOperator, eve).status()));
  eve.tenant = "bolt";
  CHECK(company.people.CreateHolder(kOperator, eve).ok());
  REQUIRE(company.people
              .UpdateHolder(kOperator, "acme", "ada", {.external_ids = std::vector<std::string>{"discord:9"}})
              .ok());
  CHECK(absl::IsNotFound(company.people.FindHolder(kOperator, "acme", "discord:7").status()));
  CHECK(company.people.FindHolder(kOperator, "acme", "discord:9")->id == "ada");
}

TEST_CASE("a change that names a version is refused once the row has another") {
  Company company;
  const auto ada = company.people.ShowHolder(kOperator, "acme", "ada");
  REQUIRE(
      company.people.UpdateHolder(kOperator, "acme", "ada", {.name = "A", .if_version = ada->version}).ok());
  CHECK(absl::IsAborted(
      company.people.UpdateHolder(kOperator, "acme", "ada", {.name = "B", .if_version = ada->version})
          .status()));
  CHECK(company.people.ShowHolder(kOperator, "acme", "ada")->name == "A");
}

TEST_CASE("what is wrong with a person is named") {
  Company company;
  const auto message = [&](const KeyHolder& holder) {
    return std::string(company.people.CreateHolder(kOperator, holder).status().message());
  };
  CHECK(message({.tenant = "acme", .id = "a b"}).starts_with("id "));
  CHECK(message({.tenant = "acme", .id = ""}).starts_with("id "));
  CHECK(message({.tenant = "acme", .id = "x", .name = "a\nb"}).starts_with("name "));
  CHECK(message({.tenant = "acme", .id = "x", .external_ids = {"a", "a"}}).starts_with("external_ids "));
  CHECK(message({.tenant = "acme", .id = "x", .session_limit = -1}).starts_with("session_limit "));
  CHECK(message({.tenant = "acme", .id = "x", .issue_policy = {.limit = 0}}).starts_with("issue_policy "));
  CHECK(message({.tenant = "acme", .id = "x", .team = "none"}) == "there is no team none");
  CHECK(message({.tenant = "none", .id = "x"}) == "there is no tenant none");
}

TEST_CASE("an issue policy has one text") {
  for (const std::string text : {"replace", "refuse", "limit:1", "limit:10000"}) {
    REQUIRE(ParseIssuePolicy(text).has_value());
    CHECK(IssuePolicyText(*ParseIssuePolicy(text)) == text);
  }
  for (const std::string text : {"", "limit:", "limit:0", "limit:10001", "limit:5x", "limit", "Replace"})
    CHECK_FALSE(ParseIssuePolicy(text).has_value());
}

TEST_CASE("a key of a principal that does not exist is not made") {
  Company company;
  KeyAdmin& admin = company.ring->admin();
  CHECK(absl::IsNotFound(
      admin.Issue(kOperator, {.name = "k", .tenant = "acme", .principal = "nobody"}).status()));
  CHECK(
      absl::IsNotFound(admin.Issue(kOperator, {.name = "k", .tenant = "bolt", .principal = "ada"}).status()));
}

}  // namespace
}  // namespace mcpgate
