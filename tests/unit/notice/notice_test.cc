#include <doctest/doctest.h>

#include "contract/notice_outbox_contract.h"

namespace mcpgate::testing {
namespace {

TEST_CASE("the outbox in memory keeps the contract of NoticeOutbox") {
  NoticeOutboxContract([](const Clock& clock) { return NewMemoryNoticeOutbox(clock); });
}

TEST_CASE("the JSON of a notice names kind, time and all that is in it") {
  const NoticeParcel parcel{
      .id = "n1", .notice = SampleNotice("80 % of the budget"), .made = FakeClock().Now()};
  CHECK(NoticeJson(parcel) == Json{{"type", "budget.alert"},
                                   {"timestamp", "2026-01-01T00:00:00Z"},
                                   {"data",
                                    {{"id", "n1"},
                                     {"tenant", "acme"},
                                     {"summary", "80 % of the budget"},
                                     {"percent", "80"},
                                     {"account", "k\"\n1"}}}});
}

}  // namespace
}  // namespace mcpgate::testing
