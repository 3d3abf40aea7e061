#include "mcpgate/policy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate {
namespace {

Principal Caller(Role role, Grants grants = {}) {
  grants.role = role;
  return {.key_id = "0123456789AB", .grants = grants};
}

std::shared_ptr<const Policy> Make(PolicyOptions options = {}) {
  auto policy = Policy::New(std::move(options));
  REQUIRE(policy.ok());
  return *policy;
}

constexpr Role kRoles[] = {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin};

TEST_CASE("without rules the rank decides, for every pair of roles") {
  const auto policy = Make();
  for (const Role role : kRoles) {
    for (const Role required : kRoles) {
      CHECK(policy->Permits(Caller(role), "tool", required) == (role >= required));
    }
  }
}

TEST_CASE("a number that is no role may nothing and is met by nobody") {
  const auto policy = Make();
  for (const int number : {0, 6, 255}) {
    CHECK_FALSE(policy->Permits(Caller(static_cast<Role>(number)), "tool", Role::kReader));
    CHECK_FALSE(policy->Permits(Caller(Role::kAdmin), "tool", static_cast<Role>(number)));
  }
}

TEST_CASE("the order is deny, rank, allow") {
  const auto policy = Make({.roles = {{Role::kReader, {.allow = {"shared_*"}, .deny = {"quiet_read"}}},
                                      {Role::kWriter, {.allow = {"ban_user"}, .deny = {"*_danger"}}}}});
  const Grants allow{.allow_tools = {"reboot", "*_danger"}}, deny{.deny_tools = {"send_*"}};
  struct Row {
    Principal caller;
    std::string_view tool;
    Role required;
    bool allowed;
    std::string_view rule;
  };
  for (const Row& row : std::vector<Row>{
           {Caller(Role::kWriter), "send_message", Role::kWriter, true, "role writer"},
           {Caller(Role::kReader), "send_message", Role::kWriter, false, "needs role writer"},
           {Caller(Role::kWriter, deny), "send_message", Role::kWriter, false, "key denies 'send_*'"},
           {Caller(Role::kAdmin, deny), "send_message", Role::kReader, false, "key denies 'send_*'"},
           {Caller(Role::kReader, allow), "reboot", Role::kAdmin, true, "key allows 'reboot'"},
           {Caller(Role::kReader, allow), "shutdown", Role::kAdmin, false, "needs role admin"},
           // A role's allow holds for it and for those above, its deny for it alone.
           {Caller(Role::kWriter), "ban_user", Role::kModerator, true, "role writer allows 'ban_user'"},
           {Caller(Role::kManager), "ban_user", Role::kModerator, true, "role writer allows 'ban_user'"},
           {Caller(Role::kReader), "ban_user", Role::kModerator, false, "needs role moderator"},
           {Caller(Role::kManager), "shared_x", Role::kAdmin, true, "role reader allows 'shared_*'"},
           {Caller(Role::kWriter), "a_danger", Role::kReader, false, "role writer denies '*_danger'"},
           {Caller(Role::kManager), "a_danger", Role::kReader, true, "role manager"},
           {Caller(Role::kReader), "quiet_read", Role::kReader, false, "role reader denies 'quiet_read'"},
           // A role's deny stands against the key's own allow.
           {Caller(Role::kWriter, allow), "a_danger", Role::kAdmin, false, "role writer denies '*_danger'"},
       }) {
    CAPTURE(row.tool);
    const PolicyDecision decision = policy->Explain(row.caller, row.tool, row.required);
    CHECK(decision.allowed == row.allowed);
    CHECK(decision.rule == row.rule);
  }
}

TEST_CASE("a key that allows and denies the same tool is denied") {
  const Principal caller = Caller(Role::kAdmin, {.allow_tools = {"x"}, .deny_tools = {"x"}});
  CHECK_FALSE(Make()->Permits(caller, "x", Role::kReader));
}

// Every combination of what may speak about one tool.
TEST_CASE("permits and explains agree, and a deny always wins") {
  for (int bits = 0; bits < 32; ++bits) {
    const auto has = [&](int bit) { return (bits >> bit & 1) != 0; };
    const auto rule = [&](int bit) {
      return has(bit) ? std::vector<std::string>{"t*"} : std::vector<std::string>();
    };
    const auto policy = Make({.roles = {{Role::kWriter, {.allow = rule(0), .deny = rule(1)}}}});
    const Principal caller = Caller(Role::kWriter, {.allow_tools = rule(2), .deny_tools = rule(3)});
    const Role required = has(4) ? Role::kAdmin : Role::kReader;
    const bool expected = !has(1) && !has(3) && (!has(4) || has(0) || has(2));
    CAPTURE(bits);
    CHECK(policy->Permits(caller, "tool", required) == expected);
    CHECK(policy->Explain(caller, "tool", required).allowed == expected);
  }
}

TEST_CASE("resources are denied unless a pattern of the key covers them") {
  const Principal none = Caller(Role::kAdmin);
  const Principal some = Caller(Role::kReader, {.resources = {"discord:channel:7", "file:/tmp/*"}});
  CHECK_FALSE(Policy::PermitsResource(none, "discord:channel:7"));
  CHECK_FALSE(Policy::PermitsResource(none, ""));
  CHECK(Policy::PermitsResource(some, "discord:channel:7"));
  CHECK_FALSE(Policy::PermitsResource(some, "discord:channel:77"));
  CHECK(Policy::PermitsResource(some, "file:/tmp/x"));
}

TEST_CASE("malformed rules are refused with role and list") {
  const auto message = [](PolicyOptions options) {
    const auto policy = Policy::New(std::move(options));
    CHECK(absl::IsInvalidArgument(policy.status()));
    return std::string(policy.status().message());
  };
  CHECK(message({.roles = {{Role::kWriter, {.allow = {"ok", ""}}}}}).find("role writer: allow") !=
        std::string::npos);
  CHECK(message({.roles = {{Role::kAdmin, {.deny = {std::string(201, 'x')}}}}}).find("role admin: deny") !=
        std::string::npos);
  CHECK(message({.roles = {{static_cast<Role>(9), {}}}}).find("reader") != std::string::npos);
  CHECK(Policy::New({.roles = {{Role::kWriter, {.allow = {std::string(200, 'x')}}}}}).ok());
}

}  // namespace
}  // namespace mcpgate
