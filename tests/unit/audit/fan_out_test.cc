// Several places, of which none holds up the others.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "contract/audit_sink_contract.h"
#include "mcpgate/audit_fan_out.h"

namespace mcpgate::testing {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

/// A place that can be told to hang, as a stopped process does, or to fail.
class Place : public AuditSink {
 public:
  absl::Status Append(AuditRecord record, AuditDurability) override {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_; });
    if (fails_) return absl::UnavailableError("the place is gone");
    records_.push_back(std::move(record));
    return absl::OkStatus();
  }
  absl::Status Ready() override { return absl::OkStatus(); }
  absl::Status Flush() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !hangs_; });
    flushes_ += 1;
    return fails_ ? absl::UnavailableError("the place is gone") : absl::OkStatus();
  }

  void Hang(bool on) {
    const std::lock_guard lock(mutex_);
    hangs_ = on;
    changed_.notify_all();
  }
  void Fail(bool on) {
    const std::lock_guard lock(mutex_);
    fails_ = on;
  }
  /// Until the fan-out's thread is inside.
  void AwaitAsked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return asked_ > 0; });
  }
  std::vector<std::string> Actions() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> actions;
    for (const AuditRecord& record : records_) actions.push_back(record.action);
    return actions;
  }
  std::vector<std::string> Texts() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    for (const AuditRecord& record : records_) texts.push_back(AuditText(record));
    return texts;
  }
  AuditRecord Last() const {
    const std::lock_guard lock(mutex_);
    return records_.back();
  }
  int flushes() const {
    const std::lock_guard lock(mutex_);
    return flushes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<AuditRecord> records_;
  bool hangs_ = false, fails_ = false;
  int asked_ = 0, flushes_ = 0;
};

struct Places {
  std::shared_ptr<Place> first = std::make_shared<Place>(), second = std::make_shared<Place>(),
                         hint = std::make_shared<Place>();
  FanOutOptions Options(Nanos deadline = seconds(60), std::size_t queue_of_first = 1000) const {
    return {.members = {{.name = "hint", .sink = hint, .required = false, .queue = 3},
                        {.name = "first", .sink = first, .queue = queue_of_first},
                        {.name = "second", .sink = second}},
            .deadline = deadline};
  }
  FanOutSink* Open(FanOutOptions options) {
    sink_ = New(std::move(options));
    return sink_.get();
  }
  /// Returns when every place was asked for all it was sent.
  void Close() { sink_.reset(); }
  static std::unique_ptr<FanOutSink> New(FanOutOptions options) {
    auto sink = FanOutSink::New(std::move(options));
    REQUIRE(sink.ok());
    return *std::move(sink);
  }
  /// Lets go of what hangs, so that the fan-out can end, also when a case breaks off.
  ~Places() {
    for (const auto& place : {first, second, hint}) place->Hang(false);
  }

 private:
  std::unique_ptr<FanOutSink> sink_;
};

AuditRecord Act(std::string action) {
  AuditRecord record;
  record.action = std::move(action);
  return record;
}

using Texts = std::vector<std::string>;

TEST_CASE("a fan-out keeps what every sink promises") {
  AuditSinkContract([] {
    const auto place = std::make_shared<Place>();
    return AuditSinkUnderTest{
        .sink = Places::New({.members = {{.name = "only", .sink = place},
                                         {.name = "also", .sink = std::make_shared<Place>()}}}),
        .stored = [place] { return place->Texts(); }};
  });
}

TEST_CASE("before means in every required place, and best effort gets it as well") {
  Places places;
  FanOutSink* const sink = places.Open(places.Options());
  REQUIRE(sink->Append(Act("effect"), AuditDurability::kBefore).ok());
  CHECK(places.first->Actions() == Texts{"effect"});
  CHECK(places.second->Actions() == Texts{"effect"});
  places.Close();
  CHECK(places.hint->Actions() == Texts{"effect"});
}

TEST_CASE("a required place that hangs refuses within the deadline, and Ready tells") {
  Places places;
  FanOutSink* const sink = places.Open(places.Options(milliseconds(30)));
  places.second->Hang(true);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(absl::IsUnavailable(sink->Append(Act("effect"), AuditDurability::kBefore)));
  CHECK(std::chrono::steady_clock::now() - begin < seconds(20));
  while (sink->Ready().ok()) continue;
  CHECK(absl::IsUnavailable(sink->Ready()));
  for (const AuditMemberHealth& member : sink->Members())
    CHECK(member.status.ok() == (member.name != "second"));
  CHECK(absl::IsUnavailable(sink->Append(Act("taken back"), AuditDurability::kBefore)));
  places.second->Hang(false);
  while (!sink->Append(Act("later"), AuditDurability::kBefore).ok()) continue;
  CHECK(sink->Ready().ok());
  const Texts actions = places.second->Actions();
  CHECK(std::count(actions.begin(), actions.end(), "taken back") == 0);
}

TEST_CASE("a required place that fails refuses at once and is asked again until it works") {
  Places places;
  std::atomic<int> lines = 0;
  FanOutOptions options = places.Options();
  options.log = [&lines](std::string_view) { ++lines; };
  FanOutSink* const sink = places.Open(std::move(options));
  places.first->Fail(true);
  const absl::Status refused = sink->Append(Act("effect"), AuditDurability::kBefore);
  CHECK(absl::IsUnavailable(refused));
  CHECK(refused.message() == "the place is gone");
  CHECK(absl::IsUnavailable(sink->Ready()));
  CHECK(sink->Append(Act("read"), AuditDurability::kQueued).ok());
  CHECK(sink->Append(Act("read"), AuditDurability::kQueued).ok());
  places.first->Fail(false);
  while (!sink->Ready().ok()) std::this_thread::yield();
  REQUIRE(sink->Flush().ok());
  CHECK(places.first->Actions() == Texts{"read", "read"});
  CHECK(lines == 2);
}

TEST_CASE("a best-effort place that hangs delays nobody; what it missed is counted in it") {
  Places places;
  FanOutSink* const sink = places.Open(places.Options());
  places.hint->Hang(true);
  REQUIRE(sink->Append(Act("first"), AuditDurability::kBefore).ok());
  places.hint->AwaitAsked();
  for (int i = 1; i <= 10; ++i)
    REQUIRE(sink->Append(Act("act " + std::to_string(i)), AuditDurability::kBefore).ok());
  CHECK(sink->Ready().ok());
  for (const AuditMemberHealth& member : sink->Members())
    CHECK(member.dropped == (member.name == "hint" ? 7 : 0));
  places.hint->Hang(false);
  places.Close();
  CHECK(places.hint->Actions() == Texts{"first", "audit.gap", "act 8", "act 9", "act 10"});
  CHECK(places.first->Actions().size() == 11);
}

TEST_CASE("a full required queue refuses queued records and counts them") {
  Places places;
  FanOutSink* const sink = places.Open(places.Options(milliseconds(30), 2));
  places.first->Hang(true);
  REQUIRE(sink->Append(Act("inside"), AuditDurability::kQueued).ok());
  places.first->AwaitAsked();
  REQUIRE(sink->Append(Act("waits"), AuditDurability::kQueued).ok());
  REQUIRE(sink->Append(Act("waits"), AuditDurability::kQueued).ok());
  CHECK(absl::IsResourceExhausted(sink->Append(Act("lost"), AuditDurability::kQueued)));
  CHECK(absl::IsUnavailable(sink->Ready()));
  places.first->Hang(false);
  while (!sink->Flush().ok()) continue;
  CHECK(places.first->Actions() == Texts{"inside", "audit.gap", "waits", "waits"});
  CHECK(places.first->Texts()[1].find("\"lost\":\"1\"") != std::string::npos);
}

TEST_CASE("callers that wait together share one flush") {
  Places places;
  FanOutSink* const sink =
      places.Open({.members = {{.name = "first", .sink = places.first}}, .deadline = seconds(60)});
  places.first->Hang(true);
  REQUIRE(sink->Append(Act("inside"), AuditDurability::kQueued).ok());
  places.first->AwaitAsked();  // so all that come now wait
  std::vector<std::thread> callers;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([&] { refused += sink->Append(Act("act"), AuditDurability::kBefore).ok() ? 0 : 1; });
  }
  while (sink->Members().front().waiting < 32) std::this_thread::yield();
  places.first->Hang(false);
  for (std::thread& caller : callers) caller.join();
  CHECK(refused == 0);
  CHECK(places.first->flushes() <= 3);
}

TEST_CASE("a fan-out needs a required place, and each place a sink") {
  const auto place = std::make_shared<Place>();
  CHECK(absl::IsInvalidArgument(FanOutSink::New({}).status()));
  CHECK(absl::IsInvalidArgument(
      FanOutSink::New({.members = {{.name = "a", .sink = place, .required = false}}}).status()));
  CHECK(absl::IsInvalidArgument(FanOutSink::New({.members = {{.name = "a"}}}).status()));
}

}  // namespace
}  // namespace mcpgate::testing
