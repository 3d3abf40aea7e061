#include "common/policy_file.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate::hosts {
namespace {

TEST_CASE("a policy file says what roles may beyond what tools declare") {
  const auto policy = ParsePolicy(R"({
    // reports are for writers
    "roles": {"write": {"allow": ["report_*"]}, "reader": {"deny": ["secret"]}}
  })");
  REQUIRE(policy.ok());
  const Principal writer{.grants = {.role = Role::kWriter}}, reader{.grants = {.role = Role::kReader}};
  CHECK((*policy)->Permits(writer, "report_all", Role::kAdmin));
  CHECK_FALSE((*policy)->Permits(reader, "report_all", Role::kAdmin));
  CHECK_FALSE((*policy)->Permits(reader, "secret", Role::kReader));
  CHECK((*policy)->Permits(writer, "secret", Role::kReader));
}

TEST_CASE("the first mistake of a policy file is told with its line and its path") {
  const auto problem = [](std::string_view text) {
    const auto policy = ParsePolicy(text);
    REQUIRE_FALSE(policy.ok());
    return std::string(policy.status().message());
  };
  CHECK(problem("[]").starts_with("line 1: "));
  CHECK(problem("{\n\n\"roles\": }").starts_with("line 3: not acceptable JSON"));
  CHECK(problem("{\n\"rules\": {}}").starts_with("line 2: rules: "));
  CHECK(problem("{\"roles\": {\n\"king\": {}}}").starts_with("line 2: roles.king: "));
  CHECK(problem("{\"roles\": {\"writer\":\n {\"allow\": [],\n\"deny\": \"x\"}}}")
            .starts_with("line 3: roles.writer.deny: "));
  CHECK(problem("{\"roles\": {\"writer\": {\"deny\": []},\n\"reader\": {\n\"deny\": [\"a\", \"\"]}}}")
            .starts_with("line 3: roles.reader.deny: [1] "));
  CHECK(problem("{\"roles\": {\"writer\": {},\n\"write\": {}}}").find("again") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate::hosts
