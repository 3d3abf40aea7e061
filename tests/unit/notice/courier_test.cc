// From the outbox to places that fail, refuse and come back.
#include <doctest/doctest.h>

#include <deque>
#include <utility>

#include "base/mutex.h"
#include "contract/notice_outbox_contract.h"

namespace mcpgate::testing {
namespace {

using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
using Texts = std::vector<std::string>;

/// Answers what it was told to, then OK. Safe for concurrent use.
class Letterbox : public NoticePlace {
 public:
  explicit Letterbox(std::string name = "letterbox") : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  absl::Status Deliver(const NoticeParcel& parcel, std::stop_token) override {
    MutexLock lock(mutex_);
    got_.push_back(parcel.notice.summary + " " + std::to_string(parcel.attempt));
    changed_.notify_all();
    if (answers_.empty()) return absl::OkStatus();
    absl::Status answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  void Answer(absl::Status answer) {
    MutexLock lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  Texts Got() {
    MutexLock lock(mutex_);
    return std::exchange(got_, {});
  }
  void AwaitOne() {
    CondLock lock(mutex_);
    changed_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return !got_.empty(); });
  }

 private:
  const std::string name_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<absl::Status> answers_ MCPGATE_GUARDED_BY(mutex_);
  Texts got_ MCPGATE_GUARDED_BY(mutex_);
};

struct Delivering {
  std::size_t Round() {
    const auto round =
        DeliverNotices(*outbox, place, {}, clock, [this](std::string_view line) { log += line; });
    REQUIRE(round.ok());
    return round->delivered + round->given_up;
  }
  FakeClock clock;
  std::unique_ptr<NoticeOutbox> outbox = NewMemoryNoticeOutbox(clock);
  Letterbox place;
  std::string log;
};

TEST_CASE_FIXTURE(Delivering, "what arrives is ended and nobody gets it again") {
  REQUIRE(outbox->Post(SampleNotice("a")).ok());
  CHECK(Round() == 1);
  CHECK(place.Got() == Texts{"a 1"});
  clock.Advance(hours(2));
  CHECK(Round() == 0);
  CHECK(place.Got().empty());
}

TEST_CASE_FIXTURE(Delivering, "a failure is tried again after 5 s, 10 s and so on, up to an hour") {
  REQUIRE(outbox->Post(SampleNotice("a")).ok());
  std::vector<Nanos> waits;
  for (int attempt = 1; attempt <= 12; ++attempt) {
    place.Answer(absl::UnavailableError("down"));
    CHECK(Round() == 0);
    CHECK(place.Got() == Texts{"a " + std::to_string(attempt)});
    const Nanos wait = attempt < 11 ? seconds(5) * (1 << (attempt - 1)) : Nanos(hours(1));
    clock.Advance(std::min<Nanos>(wait, hours(1)) - seconds(1));
    CHECK(Round() == 0);
    CHECK(place.Got().empty());
    clock.Advance(seconds(1));
  }
  CHECK(Round() == 1);
  CHECK(log.empty());
}

TEST_CASE_FIXTURE(Delivering, "after a day it is given up, and the log says what and why") {
  REQUIRE(outbox->Post(SampleNotice("a")).ok());
  std::size_t ended = 0;
  for (int i = 0; i < 100 && ended == 0; ++i) {
    place.Answer(absl::UnavailableError("down"));
    ended = Round();
    clock.Advance(minutes(30));
  }
  CHECK(ended == 1);
  CHECK(log.find("(budget.alert) is given up at letterbox: down") != std::string::npos);
  CHECK(clock.Now() <= FakeClock().Now() + hours(25));
}

TEST_CASE_FIXTURE(Delivering, "a refusal for good ends it at once and holds up nothing else") {
  REQUIRE(outbox->Post(SampleNotice("a")).ok());
  REQUIRE(outbox->Post(SampleNotice("b")).ok());
  place.Answer(absl::InvalidArgumentError("gone"));
  CHECK(Round() == 2);
  CHECK(place.Got() == Texts{"a 1", "b 1"});
  CHECK(log.find("is given up at letterbox: gone") != std::string::npos);
}

TEST_CASE_FIXTURE(Delivering, "one that is told to stop leaves the rest for the next at once") {
  REQUIRE(outbox->Post(SampleNotice("a")).ok());
  std::stop_source stop;
  stop.request_stop();
  REQUIRE(DeliverNotices(*outbox, place, {}, clock, {}, stop.get_token()).ok());
  CHECK(place.Got().empty());
  CHECK(Round() == 1);
}

TEST_CASE("a courier delivers at once what is posted, to each place by itself") {
  const auto first = std::make_shared<Letterbox>("first"), second = std::make_shared<Letterbox>("second");
  const std::shared_ptr<NoticeOutbox> outbox = NewMemoryNoticeOutbox();
  first->Answer(absl::UnavailableError("down"));
  auto courier = NoticeCourier::New({.outbox = outbox, .places = {first, second}, .look_every = hours(1)});
  REQUIRE(courier.ok());
  REQUIRE((*courier)->Post(SampleNotice("a")).ok());
  first->AwaitOne();
  second->AwaitOne();
  courier->reset();
  CHECK(second->Got() == Texts{"a 1"});
}

TEST_CASE("what is posted soon is kept before the courier goes, and what is too much is told") {
  const auto place = std::make_shared<Letterbox>();
  const std::shared_ptr<NoticeOutbox> outbox = NewMemoryNoticeOutbox();
  Mutex mutex;
  std::string log;
  auto courier = NoticeCourier::New({.outbox = outbox, .places = {place}, .log = [&](std::string_view line) {
                                       MutexLock lock(mutex);
                                       log += line;
                                     }});
  REQUIRE(courier.ok());
  (*courier)->PostSoon(SampleNotice("a"));
  Notice bad = SampleNotice("b");
  bad.kind = "";
  (*courier)->PostSoon(bad);
  courier->reset();
  Texts got = place->Got();
  const auto left = outbox->Claim("letterbox", 10, minutes(1));
  REQUIRE(left.ok());
  for (const NoticeParcel& parcel : *left) got.push_back(parcel.notice.summary);
  CHECK(got.size() == 1);
  CHECK(log.find("the notice 'b' is lost: Notice::kind") != std::string::npos);
}

TEST_CASE("a place that begins to fail is told of once, and once when that is over") {
  FakeClock clock;
  const auto place = std::make_shared<Letterbox>();
  const std::shared_ptr<NoticeOutbox> outbox = NewMemoryNoticeOutbox(clock);
  place->Answer(absl::UnavailableError("down"));
  place->Answer(absl::UnavailableError("still down"));
  Mutex mutex;
  CondVar said;
  Texts log;
  auto courier = NoticeCourier::New({.outbox = outbox,
                                     .places = {place},
                                     .look_every = hours(1),
                                     .log =
                                         [&](std::string_view line) {
                                           MutexLock lock(mutex);
                                           log.emplace_back(line);
                                           said.notify_all();
                                         },
                                     .clock = &clock});
  REQUIRE(courier.ok());
  for (const char* text : {"a", "b", "c"}) {
    REQUIRE((*courier)->Post(SampleNotice(text)).ok());
    place->AwaitOne();
    CHECK(place->Got() == Texts{std::string(text) + " 1"});
  }
  {
    CondLock lock(mutex);
    said.wait(lock, [&] { return log.size() == 2; });
  }
  CHECK(log == Texts{"mcpgate: notices do not arrive at letterbox: down",
                     "mcpgate: it is over that notices do not arrive at letterbox"});
  const NoticePlaceState state = (*courier)->Places().at(0);
  CHECK(state.place == "letterbox");
  CHECK(state.delivered == 1);
  CHECK(state.failed == 2);
  CHECK(state.waiting == 2);
}

TEST_CASE("a courier needs an outbox and places of different names") {
  const auto place = std::make_shared<Letterbox>();
  CHECK(absl::IsInvalidArgument(NoticeCourier::New({}).status()));
  const std::shared_ptr<NoticeOutbox> outbox = NewMemoryNoticeOutbox();
  CHECK(absl::IsInvalidArgument(NoticeCourier::New({.outbox = outbox, .places = {place, place}}).status()));
}

}  // namespace
}  // namespace mcpgate::testing
