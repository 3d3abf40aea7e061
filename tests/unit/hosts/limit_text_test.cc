#include "common/limit_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcpgate::hosts {
namespace {

using namespace std::chrono_literals;

const LimitPolicy* Find(const std::vector<LimitPolicy>& limits, std::string_view name) {
  const auto found =
      std::find_if(limits.begin(), limits.end(), [name](const LimitPolicy& l) { return l.name == name; });
  return found == limits.end() ? nullptr : &*found;
}

TEST_CASE("the shipped limits are valid and rule posting and every call of a key") {
  const std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(limits.size() == 4);
  for (const LimitPolicy& policy : limits) CHECK(ValidateLimitPolicy(policy).ok());
  CHECK(Find(limits, "posting")->applies_to == "posting");
  CHECK(Find(limits, "burst")->applies_to.empty());
}

TEST_CASE("a key may make 100 calls a minute as shipped, and call one tool 10 times") {
  const std::vector<LimitPolicy> limits = ShippedLimits();
  const LimitPolicy* all = Find(limits, "per-key");
  const LimitPolicy* one = Find(limits, "per-tool");
  REQUIRE((all != nullptr && one != nullptr));
  CHECK((all->limit == 100 && all->window == 1min && all->scope == LimitScope::kKey));
  CHECK((one->limit == 10 && one->window == 1min && one->scope == LimitScope::kKeyAndTool));
}

TEST_CASE("administration has wider numbers as shipped, until a rule says others") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  const std::vector<LimitOverride>& wider = Find(limits, "per-tool")->overrides;
  REQUIRE(wider.size() == 2);
  CHECK((wider[0].tool == "admin.*" && wider[0].limit == 120 && wider[0].window == 1min));
  CHECK((wider[1].tool == "self.*" && wider[1].limit == 120));
  CHECK(Find(limits, "per-key")->overrides.size() == 2);
  REQUIRE(SetLimit(limits, "per-tool=exact:3/1m").ok());
  CHECK(Find(limits, "per-tool")->overrides.empty());
}

TEST_CASE("a rule says whom it counts together and which tools, and keeps both unless it says so") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "crowd=segmented:1000/1h per tenant for posting").ok());
  const LimitPolicy crowd = *Find(limits, "crowd");
  CHECK(crowd.algorithm == LimitAlgorithm::kSegmented);
  CHECK(crowd.scope == LimitScope::kTenant);
  CHECK(crowd.applies_to == "posting");
  REQUIRE(SetLimit(limits, "crowd=exact:7/1h for all").ok());
  CHECK(Find(limits, "crowd")->scope == LimitScope::kTenant);
  CHECK(Find(limits, "crowd")->applies_to.empty());
}

TEST_CASE("a limit is in shadow mode as long as its rule says so") {
  std::vector<LimitPolicy> limits;
  REQUIRE(SetLimit(limits, "planned=exact:5/1h per tenant shadow").ok());
  CHECK(limits.front().shadow);
  CHECK(limits.front().scope == LimitScope::kTenant);
  REQUIRE(SetLimit(limits, "planned=exact:5/1h").ok());
  CHECK_FALSE(limits.front().shadow);
}

TEST_CASE("a limit has other numbers for calls that patterns match, in the order they were written") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "per-key=segmented:100/1m").ok());  // without the shipped ones
  REQUIRE(SetLimit(limits, "per-key=1000/1m when tenant=acme tool=read_*").ok());
  REQUIRE(SetLimit(limits, "per-key=20/10s when key=mcpg_* principal=ann").ok());
  const LimitPolicy& policy = *Find(limits, "per-key");
  CHECK((policy.limit == 100 && policy.window == 1min));
  REQUIRE(policy.overrides.size() == 2);
  const LimitOverride& first = policy.overrides.front();
  CHECK((first.tenant == "acme" && first.tool == "read_*" && first.key == "*" && first.principal == "*"));
  CHECK((first.limit == 1000 && first.window == 1min));
  CHECK((policy.overrides.back().key == "mcpg_*" && policy.overrides.back().principal == "ann"));
}

TEST_CASE("an operator's numbers come before those that are shipped with a limit") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "per-key=50/1m when tool=admin.*").ok());
  REQUIRE(SetLimit(limits, "per-key=70/1m when tenant=acme").ok());
  const std::vector<LimitOverride>& overrides = Find(limits, "per-key")->overrides;
  REQUIRE(overrides.size() == 2 + ShippedLimits()[1].overrides.size());
  CHECK((overrides[0].tool == "admin.*" && overrides[0].limit == 50));
  CHECK(overrides[1].tenant == "acme");
  CHECK((overrides[2].tool == "admin.*" && overrides[2].limit == 600));
  std::vector<LimitPolicy> again;
  for (const std::string& rule : LimitRules(*Find(limits, "per-key"))) REQUIRE(SetLimit(again, rule).ok());
  CHECK(LimitRules(again.front()) == LimitRules(*Find(limits, "per-key")));
}

TEST_CASE("a limit that is written anew forgets the other numbers it had") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "per-key=1000/1m when tenant=acme").ok());
  REQUIRE(SetLimit(limits, "per-key=exact:7/1m").ok());
  CHECK(Find(limits, "per-key")->overrides.empty());
}

TEST_CASE("other numbers need a limit that is there, and patterns of what a call has") {
  for (const char* text :
       {"none=5/1m when tenant=acme", "per-key=5/1m when", "per-key=5/1m when tenant",
        "per-key=5/1m when tenant=", "per-key=5/1m when colour=red", "per-key=0/1m when key=x",
        "per-key=exact:5/1m when key=x", "per-key=5/1m when key=x  tool=y"}) {
    CAPTURE(text);
    std::vector<LimitPolicy> limits = ShippedLimits();
    CHECK_FALSE(SetLimit(limits, text).ok());
    CHECK(Find(limits, "per-key")->overrides.size() == ShippedLimits()[1].overrides.size());
  }
}

TEST_CASE("limits are written as they can be read") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "team=segmented:7/90s per tenant for posting shadow").ok());
  REQUIRE(SetLimit(limits, "team=9/2d when tenant=acme tool=read_*").ok());
  std::vector<LimitPolicy> again;
  for (const LimitPolicy& policy : limits) {
    for (const std::string& rule : LimitRules(policy)) REQUIRE(SetLimit(again, rule).ok());
  }
  REQUIRE(again.size() == limits.size());
  for (std::size_t i = 0; i < limits.size(); ++i) CHECK(LimitRules(again[i]) == LimitRules(limits[i]));
  CHECK(LimitRules(again.back()) ==
        std::vector<std::string>{"team=segmented:7/90s per tenant for posting shadow",
                                 "team=9/2d when tenant=acme tool=read_*"});
}

TEST_CASE("every algorithm can be written by its name") {
  for (const char* text : {"x=exact:5/1h", "x=segmented:5/1h", "x=gcra:5/1h:9", "x=idle_reset:5/1h",
                           "x=concurrency:5/10m per global"}) {
    CAPTURE(text);
    std::vector<LimitPolicy> limits;
    CHECK(SetLimit(limits, text).ok());
  }
}

TEST_CASE("limits by address are taken out, and stand for those that were there") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  std::optional<LimitPolicy> requests = PostingLimit(), failures;
  REQUIRE(SetLimit(limits, "mine=exact:60/1m per address").ok());
  REQUIRE(SetLimit(limits, "guess=exact:3/1m per failed-auth").ok());
  REQUIRE(TakeAddressLimits(limits, requests, failures).ok());
  CHECK(limits.size() == 4);
  CHECK((requests.has_value() && requests->name == "mine" && requests->limit == 60));
  CHECK((failures.has_value() && failures->name == "guess" && failures->limit == 3));
}

TEST_CASE("what no address can be counted by is refused") {
  for (const std::vector<std::string>& rules :
       {std::vector<std::string>{"a=exact:1/1s per address", "b=exact:1/1s per address"},
        {"a=concurrency:1/1s per address"},
        {"a=exact:1/1s per failed-auth for posting"},
        {"a=exact:1/1s per address", "a=9/1s when tenant=acme"}}) {
    std::vector<LimitPolicy> limits;
    std::optional<LimitPolicy> requests, failures;
    for (const std::string& rule : rules) REQUIRE(SetLimit(limits, rule).ok());
    CHECK(absl::IsInvalidArgument(TakeAddressLimits(limits, requests, failures)));
  }
}

TEST_CASE("the variables of other servers set the rate of a key") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetKeyRate(limits, "60", "30000").ok());
  CHECK(Find(limits, "per-key")->limit == 60);
  CHECK(Find(limits, "per-key")->window == 30s);
  REQUIRE(SetKeyRate(limits, "", "1000").ok());
  CHECK(Find(limits, "per-key")->limit == 60);
  CHECK(Find(limits, "per-key")->window == 1s);
  for (const auto& [bucket, window] :
       {std::pair("0", ""), std::pair("many", ""), std::pair("", "-1"), std::pair("", "9999999999999999")}) {
    CHECK(absl::IsInvalidArgument(SetKeyRate(limits, bucket, window)));
  }
  REQUIRE(SetLimit(limits, "per-key=off").ok());
  CHECK(SetKeyRate(limits, "60", "30000").ok());
  CHECK(Find(limits, "per-key") == nullptr);
}

TEST_CASE("the posting limit changes its numbers and stays what it is") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetPostingLimit(limits, "20/30m").ok());
  const LimitPolicy* posting = Find(limits, "posting");
  REQUIRE(posting != nullptr);
  CHECK(posting->limit == 20);
  CHECK(posting->window == 30min);
  CHECK(posting->algorithm == PostingLimit().algorithm);
  CHECK(posting->applies_to == PostingLimit().applies_to);
}

TEST_CASE("the posting limit can be switched off") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetPostingLimit(limits, "off").ok());
  CHECK(Find(limits, "posting") == nullptr);
}

TEST_CASE("a new limit rules every call of a key") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "daily=exact:1000/1d").ok());
  const LimitPolicy* daily = Find(limits, "daily");
  REQUIRE(daily != nullptr);
  CHECK(daily->algorithm == LimitAlgorithm::kExact);
  CHECK(daily->limit == 1000);
  CHECK(daily->window == 24h);
  CHECK(daily->scope == LimitScope::kKey);
  CHECK(daily->applies_to.empty());
}

TEST_CASE("a limit of a known name replaces it") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "burst=gcra:7/10s:9").ok());
  CHECK(limits.size() == 4);
  const LimitPolicy* burst = Find(limits, "burst");
  CHECK(burst->limit == 7);
  CHECK(burst->window == 10s);
  CHECK(burst->burst == 9);
}

TEST_CASE("a replaced limit keeps what it applies to") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "posting=exact:3/1m").ok());
  CHECK(Find(limits, "posting")->applies_to == "posting");
  CHECK(Find(limits, "posting")->algorithm == LimitAlgorithm::kExact);
}

TEST_CASE("a limit can be switched off by name") {
  std::vector<LimitPolicy> limits = ShippedLimits();
  REQUIRE(SetLimit(limits, "burst=off").ok());
  CHECK(Find(limits, "burst") == nullptr);
  CHECK_FALSE(SetLimit(limits, "nosuch=off").ok());
}

TEST_CASE("what is not a limit is refused and nothing changes") {
  for (const char* text : {"",
                           "x",
                           "=gcra:1/1s",
                           "x=",
                           "x=idle:1/1h",
                           "x=gcra",
                           "x=gcra:1",
                           "x=gcra:0/1s",
                           "x=gcra:1/1s:",
                           "x=gcra:1/1s:0",
                           "x=exact:1/1s:5",
                           "x=exact:-1/1s",
                           "x=exact:1/",
                           "x y=exact:1/1s",
                           "x=exact:99999999/1s",
                           "x=exact:1/1s per",
                           "x=exact:1/1s per cent",
                           "x=exact:1/1s for",
                           "x=exact:1/1s with care",
                           "x=exact:1/1s  per key"}) {
    CAPTURE(text);
    std::vector<LimitPolicy> limits = ShippedLimits();
    CHECK_FALSE(SetLimit(limits, text).ok());
    CHECK(limits.size() == 4);
  }
}

}  // namespace
}  // namespace mcpgate::hosts
