// What every NoticeOutbox promises. Call it in a TEST_CASE of the implementation.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/notice.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

/// A fresh outbox. `clock` outlives it.
using NoticeOutboxFactory = std::function<std::shared_ptr<NoticeOutbox>(const Clock& clock)>;

inline Notice SampleNotice(std::string summary, std::string once = "") {
  return {.kind = "budget.alert",
          .once = std::move(once),
          .tenant = "acme",
          .summary = std::move(summary),
          .fields = {{"percent", "80"}, {"account", "k\"\n1"}}};
}

namespace notice_outbox_contract {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::days;

inline std::vector<NoticeParcel> Claim(NoticeOutbox& outbox, std::string_view place, std::size_t most = 100) {
  const auto parcels = outbox.Claim(place, most, minutes(5));
  REQUIRE_MESSAGE(parcels.ok(), parcels.status().ToString());
  return *parcels;
}
inline std::vector<std::string> Summaries(const std::vector<NoticeParcel>& parcels) {
  std::vector<std::string> summaries;
  for (const NoticeParcel& parcel : parcels) summaries.push_back(parcel.notice.summary);
  return summaries;
}
using Texts = std::vector<std::string>;

}  // namespace notice_outbox_contract

inline void NoticeOutboxContract(const NoticeOutboxFactory& make) {
  using namespace notice_outbox_contract;
  FakeClock clock;
  const std::shared_ptr<NoticeOutbox> outbox = make(clock);
  REQUIRE(outbox != nullptr);

  SUBCASE("each place gets each notice once, whole and in order") {
    REQUIRE(outbox->Post(SampleNotice("first")).ok());
    REQUIRE(outbox->Post(SampleNotice("second")).ok());
    const auto parcels = Claim(*outbox, "mail");
    REQUIRE(Summaries(parcels) == Texts{"first", "second"});
    CHECK(parcels[0].notice.kind == "budget.alert");
    CHECK(parcels[0].notice.tenant == "acme");
    CHECK(parcels[0].notice.fields == SampleNotice("").fields);
    CHECK(parcels[0].made == clock.Now());
    CHECK(parcels[0].attempt == 1);
    CHECK(parcels[0].id != parcels[1].id);
    const auto elsewhere = Claim(*outbox, "slack");
    REQUIRE(elsewhere.size() == 2);
    CHECK(elsewhere[0].id == parcels[0].id);
    CHECK(Claim(*outbox, "mail").empty());
    for (const NoticeParcel& parcel : parcels) REQUIRE(outbox->Finish("mail", parcel.id).ok());
    CHECK(absl::IsNotFound(outbox->Finish("mail", parcels[0].id)));
    clock.Advance(days(1));
    CHECK(Claim(*outbox, "mail").empty());
    CHECK(Claim(*outbox, "slack").size() == 2);
  }

  SUBCASE("what is claimed and not ended is due again after its lease, as a later attempt") {
    REQUIRE(outbox->Post(SampleNotice("first")).ok());
    REQUIRE(Claim(*outbox, "mail").size() == 1);
    clock.Advance(minutes(5) - seconds(1));
    CHECK(Claim(*outbox, "mail").empty());
    clock.Advance(seconds(1));
    const auto again = Claim(*outbox, "mail");
    REQUIRE(again.size() == 1);
    CHECK(again[0].attempt == 2);
  }

  SUBCASE("what is deferred is due after the wait, behind what has waited longer") {
    REQUIRE(outbox->Post(SampleNotice("first")).ok());
    const auto parcels = Claim(*outbox, "mail");
    REQUIRE(outbox->Defer("mail", parcels.at(0).id, minutes(1)).ok());
    CHECK(absl::IsNotFound(outbox->Defer("slack", parcels[0].id, minutes(1))));
    clock.Advance(seconds(30));
    REQUIRE(outbox->Post(SampleNotice("second")).ok());
    CHECK(Summaries(Claim(*outbox, "mail")) == Texts{"second"});
    clock.Advance(seconds(30));
    CHECK(Summaries(Claim(*outbox, "mail")) == Texts{"first"});
  }

  SUBCASE("at most so many at once, those that have waited longest first") {
    for (const char* name : {"a", "b", "c"}) {
      REQUIRE(outbox->Post(SampleNotice(name)).ok());
      clock.Advance(seconds(1));
    }
    CHECK(Summaries(Claim(*outbox, "mail", 2)) == Texts{"a", "b"});
    CHECK(Summaries(Claim(*outbox, "mail", 2)) == Texts{"c"});
  }

  SUBCASE("what waits is shown for each place that has asked, begun or not") {
    REQUIRE(outbox->Post(SampleNotice("first")).ok());
    CHECK(outbox->Waiting(100)->empty());
    const auto parcels = Claim(*outbox, "mail");
    CHECK(Claim(*outbox, "slack", 0).empty());
    REQUIRE(outbox->Defer("mail", parcels.at(0).id, minutes(1)).ok());
    REQUIRE(outbox->Post(SampleNotice("second")).ok());
    const auto waiting = outbox->Waiting(3);
    REQUIRE((waiting.ok() && waiting->size() == 3));
    CHECK(waiting->at(0).place == "mail");
    CHECK(waiting->at(0).parcel.id == parcels[0].id);
    CHECK(waiting->at(0).parcel.notice.fields == SampleNotice("").fields);
    CHECK(waiting->at(0).parcel.attempt == 1);
    CHECK(waiting->at(0).due == clock.Now() + minutes(1));
    CHECK(waiting->at(1).place == "slack");
    CHECK(waiting->at(1).parcel.attempt == 0);
    CHECK(waiting->at(2).parcel.notice.summary == "second");
    CHECK(*outbox->Count("mail") == 2);
    REQUIRE(outbox->Finish("mail", parcels[0].id).ok());
    CHECK(*outbox->Count("mail") == 1);
    CHECK(*outbox->Count("slack") == 2);
    CHECK(*outbox->Count("nobody") == 0);
  }

  SUBCASE("a place that is forgotten has nothing waiting, and is new when it asks again") {
    REQUIRE(outbox->Post(SampleNotice("first")).ok());
    REQUIRE(Claim(*outbox, "mail").size() == 1);
    REQUIRE(Claim(*outbox, "slack").size() == 1);
    REQUIRE(outbox->ForgetPlace("mail").ok());
    CHECK(absl::IsNotFound(outbox->ForgetPlace("mail")));
    const auto waiting = outbox->Waiting(100);
    REQUIRE((waiting.ok() && waiting->size() == 1));
    CHECK(waiting->at(0).place == "slack");
    const auto again = Claim(*outbox, "mail");
    REQUIRE(Summaries(again) == Texts{"first"});
    CHECK(again[0].attempt == 1);
  }

  SUBCASE("what was told once is not told again while it is remembered") {
    REQUIRE(outbox->Post(SampleNotice("first", "march")).ok());
    CHECK(outbox->Post(SampleNotice("again", "march")).ok());
    Notice other = SampleNotice("of another kind", "march");
    other.kind = "limit.near";
    CHECK(outbox->Post(other).ok());
    CHECK(Summaries(Claim(*outbox, "mail")) == Texts{"first", "of another kind"});
    clock.Advance(kNoticeMemory);
    CHECK(outbox->Post(SampleNotice("after all", "march")).ok());
    CHECK(Summaries(Claim(*outbox, "mail")) == Texts{"after all"});
  }

  SUBCASE("a place that is new hears of the last day, a known one of all it missed") {
    CHECK(Claim(*outbox, "known").empty());
    REQUIRE(outbox->Post(SampleNotice("old")).ok());
    clock.Advance(kNoticeNews);
    REQUIRE(outbox->Post(SampleNotice("news")).ok());
    CHECK(Summaries(Claim(*outbox, "new")) == Texts{"news"});
    CHECK(Summaries(Claim(*outbox, "known")) == Texts{"old", "news"});
  }

  SUBCASE("a malformed notice is refused and says why") {
    Notice bad = SampleNotice("two\nlines");
    CHECK(absl::IsInvalidArgument(outbox->Post(bad)));
    bad = SampleNotice(std::string(501, 'x'));
    CHECK(outbox->Post(bad).message() == "Notice::summary: 1 to 500 bytes");
    bad = SampleNotice("x");
    bad.kind = "Budget Alert";
    CHECK(absl::IsInvalidArgument(outbox->Post(bad)));
    CHECK(Claim(*outbox, "mail").empty());
  }

  SUBCASE("two that claim at once never get the same parcel") {
    for (int i = 0; i < 40; ++i) REQUIRE(outbox->Post(SampleNotice(std::to_string(i))).ok());
    std::vector<NoticeParcel> got[2];
    {
      std::vector<std::jthread> threads;
      for (auto& mine : got) {
        threads.emplace_back([&outbox, &mine] {
          for (int i = 0; i < 20; ++i) {
            const auto parcels = outbox->Claim("mail", 3, minutes(5));
            if (parcels.ok()) mine.insert(mine.end(), parcels->begin(), parcels->end());
          }
        });
      }
    }
    std::set<std::string> ids;
    for (const auto& mine : got) {
      for (const NoticeParcel& parcel : mine) CHECK(ids.insert(parcel.id).second);
    }
    CHECK(ids.size() == 40);
  }
}

}  // namespace mcpgate::testing
