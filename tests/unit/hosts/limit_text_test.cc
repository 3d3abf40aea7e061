#include "common/limit_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

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
  REQUIRE(limits.size() == 2);
  for (const LimitPolicy& policy : limits) CHECK(ValidateLimitPolicy(policy).ok());
  CHECK(Find(limits, "posting")->applies_to == "posting");
  CHECK(Find(limits, "burst")->applies_to.empty());
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
  CHECK(limits.size() == 2);
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
  for (const char* text : {"", "x", "=gcra:1/1s", "x=", "x=idle:1/1h", "x=gcra", "x=gcra:1", "x=gcra:0/1s",
                           "x=gcra:1/1s:", "x=gcra:1/1s:0", "x=exact:1/1s:5", "x=exact:-1/1s", "x=exact:1/",
                           "x y=exact:1/1s", "x=exact:99999999/1s"}) {
    CAPTURE(text);
    std::vector<LimitPolicy> limits = ShippedLimits();
    CHECK_FALSE(SetLimit(limits, text).ok());
    CHECK(limits.size() == 2);
  }
}

}  // namespace
}  // namespace mcpgate::hosts
