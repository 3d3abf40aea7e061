// What arrives at a webhook and at Slack, and which answers are tried again.
#include <doctest/doctest.h>

#include <mutex>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "contract/notice_outbox_contract.h"
#include "mcpgate/notice_places.h"
#include "support/wire_server.h"

namespace mcpgate::testing {
namespace {

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Receiver {
  std::string Last() {
    const std::lock_guard lock(mutex);
    return last;
  }
  int status = 204;
  std::mutex mutex;
  std::string last;
  WireServer server{[this](WireConnection& connection, const std::string& request) {
    const std::lock_guard lock(mutex);
    last = request;
    connection.Answer(status, "");
  }};
  FakeClock clock;
  const NoticeParcel parcel{.id = "n1", .notice = SampleNotice("80 % <b>&"), .made = clock.Now()};
};

std::string HeaderIn(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}
std::string BodyIn(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

bool IsNotPublic(const absl::Status& status) {
  return absl::IsUnavailable(status) &&
         std::string(status.message())
             .ends_with(": its address is not public, and private ones are not allowed");
}

TEST_CASE_FIXTURE(Receiver, "a webhook gets the notice, signed so that it can be checked") {
  const auto place = NewWebhookPlace(
      {.url = server.url("/hook"), .secret = Secret(kSecret), .allow_private = true, .clock = &clock});
  REQUIRE(place.ok());
  REQUIRE((*place)->Deliver(parcel, {}).ok());
  const std::string request = Last(), body = BodyIn(request);
  CHECK(request.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(*ParseJson(body) == NoticeJson(parcel));
  CHECK(HeaderIn(request, "webhook-id") == "n1");
  CHECK(HeaderIn(request, "webhook-timestamp") == "1767225600");
  std::string key;
  REQUIRE(Base64Decode(std::string_view(kSecret).substr(6), key));
  const Digest expected = HmacSha256(Secret(key), "n1.1767225600." + body);
  CHECK(HeaderIn(request, "webhook-signature") == "v1," + Base64Encode(AsView(expected)));
}

TEST_CASE_FIXTURE(Receiver, "a webhook that answers 410 is given up, every other answer is tried again") {
  const auto place = NewWebhookPlace(
      {.url = server.url(), .secret = Secret(kSecret), .allow_private = true, .clock = &clock});
  REQUIRE(place.ok());
  for (const int wanted : {301, 400, 404, 429, 500, 503}) {
    status = wanted;
    CHECK(absl::IsUnavailable((*place)->Deliver(parcel, {})));
  }
  status = 410;
  CHECK(absl::IsInvalidArgument((*place)->Deliver(parcel, {})));
}

TEST_CASE_FIXTURE(Receiver, "an address that is not public is not connected to unless that is allowed") {
  const std::string url = server.url();
  const std::string https = "https" + url.substr(url.find(':'));
  const auto place = NewWebhookPlace({.url = https, .secret = Secret(kSecret), .clock = &clock});
  REQUIRE(place.ok());
  CHECK(IsNotPublic((*place)->Deliver(parcel, {})));
  CHECK(server.connections() == 0);
  const auto mail = NewMailPlace(
      {.url = "smtp" + url.substr(url.find(':')), .from = "a@example.org", .to = {"b@example.org"}});
  REQUIRE(mail.ok());
  CHECK(IsNotPublic((*mail)->Deliver(parcel, {})));
  CHECK(server.connections() == 0);
  CHECK(absl::IsInvalidArgument(NewWebhookPlace({.url = url, .secret = Secret(kSecret)}).status()));
}

TEST_CASE("a webhook's secret is whsec_ and enough base64") {
  for (const char* bad :
       {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_MfKQ9r8GKYqrTwjUPD8I"}) {
    CAPTURE(bad);
    const auto place = NewWebhookPlace({.url = "https://example.org", .secret = Secret(bad)});
    CHECK(absl::IsInvalidArgument(place.status()));
    CHECK(place.status().message().find("whsec_ and the base64") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Receiver, "Slack gets one text in which nothing is markup, and its URL is never told") {
  const auto place = NewSlackPlace({.url = Secret(server.url("/services/T0/B0/x")), .allow_private = true});
  REQUIRE(place.ok());
  status = 200;
  REQUIRE((*place)->Deliver(parcel, {}).ok());
  const auto body = ParseJson(BodyIn(Last()));
  REQUIRE(body.ok());
  CHECK(StringOr(*body, "text", "") == "*budget.alert* 80 % &lt;b&gt;&amp;\npercent: 80\naccount: k\"\n1");
  status = 404;
  const absl::Status gone = (*place)->Deliver(parcel, {});
  CHECK(absl::IsInvalidArgument(gone));
  CHECK(gone.message() == "slack answers 404");
}

TEST_CASE("a place for mail says what is wrong with its settings") {
  const MailOptions good{.url = "smtps://mail.example.org", .from = "a@example.org", .to = {"b@example.org"}};
  CHECK(NewMailPlace(good).ok());
  MailOptions bad = good;
  bad.url = "https://mail.example.org";
  CHECK(NewMailPlace(bad).status().message() == "MailOptions::url: must begin with smtps:// or smtp://");
  bad = good;
  bad.from = "a@example.org\r\nBcc: c@example.org";
  CHECK(NewMailPlace(bad).status().message() == "MailOptions::from: must be a mail address");
  bad = good;
  bad.to = {};
  CHECK(NewMailPlace(bad).status().message() == "MailOptions::to: must be 1 to 16 mail addresses");
}

}  // namespace
}  // namespace mcpgate::testing
