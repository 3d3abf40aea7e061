#include "keys/key_request.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "mcpgate/key_admin.h"
#include "unit/keys/keyring_fixture.h"

namespace mcpgate {
namespace {

using std::chrono::hours;

TEST_CASE("a wrong request is refused by the name of the field") {
  struct Row {
    std::string_view field;
    KeyRequest request;
  };
  const std::string long_text(201, 'x');
  for (const Row& row :
       std::vector<Row>{{"name", {}},
                        {"name", {.name = std::string(101, 'x')}},
                        {"name", {.name = "two\nlines"}},
                        {"name", {.name = "\x1b[31mred"}},
                        {"name", {.name = "\x7f"}},
                        {"tenant", {.name = "k", .tenant = ""}},
                        {"tenant", {.name = "k", .tenant = "Big"}},
                        {"tenant", {.name = "k", .tenant = "a_b"}},
                        {"tenant", {.name = "k", .tenant = std::string(65, 'a')}},
                        {"lifetime", {.name = "k", .lifetime = Nanos(0)}},
                        {"lifetime", {.name = "k", .lifetime = hours(-1)}},
                        {"lifetime", {.name = "k", .lifetime = std::chrono::milliseconds(999)}},
                        {"lifetime", {.name = "k", .lifetime = Nanos::max()}},
                        {"grants.role", {.name = "k", .grants = {.role = static_cast<Role>(0)}}},
                        {"grants.role", {.name = "k", .grants = {.role = static_cast<Role>(6)}}},
                        {"grants.allow_tools[1]", {.name = "k", .grants = {.allow_tools = {"ok", ""}}}},
                        {"grants.deny_tools[0]", {.name = "k", .grants = {.deny_tools = {long_text}}}},
                        {"grants.resources[0]", {.name = "k", .grants = {.resources = {"a\tb"}}}},
                        {"grants.deny_tools ",
                         {.name = "k", .grants = {.deny_tools = std::vector<std::string>(65, "a")}}}}) {
    const absl::Status status = ValidateKeyRequest(row.request);
    CAPTURE(row.field);
    CAPTURE(status.ToString());
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).starts_with(row.field));
  }
}

TEST_CASE("the ends of what is allowed are allowed") {
  const std::vector<std::string> patterns(64, std::string(200, 'x'));
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "字";
  for (const KeyRequest& request :
       {KeyRequest{.name = "k"}, KeyRequest{.name = hundred, .tenant = std::string(64, 'a')},
        KeyRequest{.name = "k", .lifetime = std::chrono::seconds(1)},
        KeyRequest{.name = "k", .lifetime = hours(24 * 36'600)},
        KeyRequest{
            .name = "k",
 .tenant = "0-9",
 .grants = {.role = Role::kAdmin, .allow_tools = patterns, .deny_tools = patterns, .resources = patterns}}}) {
    CHECK(ValidateKeyRequest(request).ok());
  }
}

TEST_CASE("a wrong request leaves the store as it was") {
  testing::KeyringFixture keys;
  const std::uint64_t revision = keys.store->Revision();
  CHECK(absl::IsInvalidArgument(keys.ring->admin().Issue(TenantScope::Operator(), {.name = ""}).status()));
  CHECK(keys.store->Revision() == revision);
}

}  // namespace
}  // namespace mcpgate
