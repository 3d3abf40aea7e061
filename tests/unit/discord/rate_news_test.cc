#include "discord/rate_news.h"

#include <doctest/doctest.h>

#include "unit/discord/scripted.h"

namespace mcpgate {
namespace {

using namespace testing;

TEST_CASE("the fraction of a reset counts") {
  const RateNews news = ReadRateNews(Said(200, "{}", Bucket("abc", 5, 4, "64.57")));
  CHECK(news.bucket == "abc");
  CHECK(news.limit == 5);
  CHECK(news.remaining == 4);
  CHECK(news.reset_after >= milliseconds(64'570));
  CHECK(news.reset_after < milliseconds(64'571));
  CHECK(news.settled);
}

TEST_CASE("a 429 waits what the body says, which is more precise than the header") {
  const RateNews news = ReadRateNews(Limited("user", "0.653"));
  CHECK(news.limited == RateScope::kUser);
  CHECK(news.retry_after >= milliseconds(653));
  CHECK(news.retry_after < milliseconds(654));
}

TEST_CASE("the scope of a 429 is read from header or body") {
  CHECK(ReadRateNews(Limited("shared", "1")).limited == RateScope::kShared);
  CHECK(ReadRateNews(Limited("global", "1")).limited == RateScope::kGlobal);
  CHECK(ReadRateNews(Said(429, R"({"retry_after":1,"global":true})")).limited == RateScope::kGlobal);
  CHECK(ReadRateNews(Said(429, R"({"retry_after":1})", {{"X-RateLimit-Global", "true"}})).limited ==
        RateScope::kGlobal);
  CHECK(ReadRateNews(Said(429, "not json", {{"X-RateLimit-Scope", "user"}, {"Retry-After", "7"}}))
            .retry_after == seconds(7));
}

TEST_CASE("a 429 of the edge is not Discord's") {
  const RateNews plain = ReadRateNews(Said(429, "<html>banned</html>", {{"Content-Type", "text/html"}}));
  CHECK(plain.limited == RateScope::kEdge);
  CHECK(plain.retry_after == seconds(60));
  CHECK(ReadRateNews(Said(429, "<html>", {{"Retry-After", "1800"}})).retry_after == seconds(1800));
}

TEST_CASE("nonsense in headers is as good as none, and no wait is longer than a week") {
  for (const char* bad : {"", "x", "-1", "nan", "inf", "1e999", "1,5", "1 "}) {
    CAPTURE(bad);
    CHECK(ReadRateNews(Said(200, "{}", Bucket("b", 5, 4, bad))).reset_after == Nanos(0));
  }
  CHECK(ReadRateNews(Said(200, "{}", Bucket("b", 0, 0, "1"))).bucket.empty());
  CHECK(ReadRateNews(Said(200, "{}", Bucket("b", 5, 99, "1"))).remaining == 5);
  CHECK(ReadRateNews(Said(200, "{}", Bucket("b", 5, -3, "1"))).remaining == 0);
  CHECK(ReadRateNews(Limited("user", "1e300")).retry_after == std::chrono::hours(24 * 7));
}

TEST_CASE("an answer that is not Discord's own says nothing about buckets") {
  CHECK_FALSE(ReadRateNews(Said(502, "<html>")).settled);
  CHECK(ReadRateNews(Said(404)).settled);
}

}  // namespace
}  // namespace mcpgate
