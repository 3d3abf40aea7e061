// Keys revoked by what they have in common.
#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kRevoke[] = "/v1/admin/api-keys:revoke";

std::string Named(Service& service, const std::string& name, const std::string& tenant = "default") {
  const auto issued =
      service.keyring().admin().Issue(TenantScope::Operator(), {.name = name, .tenant = tenant});
  REQUIRE(issued.ok());
  return std::string(RevealSecret(issued->token));
}

TEST_CASE("a dry run says which keys would go, and they stay") {
  Service service;
  const std::string one = Named(service, "ci-1"), two = Named(service, "ci-2"),
                    other = Named(service, "desk");
  const Answer would =
      service.Ask(service.operator_key(), "POST", kRevoke, {{"name", "ci-*"}, {"dry_run", true}});
  REQUIRE(would.status == 200);
  CHECK(would.body["keys"].size() == 2);
  CHECK(would.body["complete"] == true);
  CHECK(service.Ask(one, "GET", "/v1/whoami").status == 200);
  const Answer done = service.Ask(service.operator_key(), "POST", kRevoke, {{"name", "ci-*"}});
  CHECK(done.body["keys"].size() == 2);
  CHECK(service.Ask(one, "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(two, "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(other, "GET", "/v1/whoami").status == 200);
}

TEST_CASE("a filter with no condition, or a time that is none, is refused") {
  Service service;
  CHECK(service.Ask(service.operator_key(), "POST", kRevoke, Json::object()).status == 400);
  CHECK(service.Ask(service.operator_key(), "POST", kRevoke, {{"dry_run", true}}).status == 400);
  CHECK(service.Ask(service.operator_key(), "POST", kRevoke, {{"created_before", "yesterday"}}).status ==
        400);
}

TEST_CASE("an administrator revokes neither another tenant's keys nor an operator's") {
  Service service;
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  const std::string above = service.NewKey({.role = Role::kAdmin, .resources = {"*"}}, "acme");
  const std::string theirs = Named(service, "test", "acme"), other = Named(service, "test");
  const Answer done = service.Ask(acme, "POST", kRevoke, {{"name", "test"}});
  REQUIRE(done.status == 200);
  CHECK(done.body["keys"].size() == 2);  // theirs, and their own
  CHECK(service.Ask(theirs, "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(above, "GET", "/v1/whoami").status == 200);
  CHECK(service.Ask(other, "GET", "/v1/whoami").status == 200);
}

TEST_CASE("a key has the same endpoints under its older name") {
  Service service;
  const std::string id = service.IdOf(Named(service, "desk"));
  const Answer by_alias = service.Ask(service.operator_key(), "GET", "/admin/api-keys/" + id);
  CHECK(by_alias.status == 200);
  CHECK(by_alias.body == service.Ask(service.operator_key(), "GET", "/v1/admin/api-keys/" + id).body);
  CHECK(service.Ask("", "GET", "/admin/api-keys").status == 401);
  CHECK(service.Ask(service.operator_key(), "GET", "/admin/nothing").status == 404);
}

}  // namespace
}  // namespace mcpgate::testing
