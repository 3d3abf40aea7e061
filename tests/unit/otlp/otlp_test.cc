// What a collector gets, and what becomes of its answers.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "contract/audit_sink_contract.h"
#include "mcpgate/audit_fan_out.h"
#include "mcpgate/json.h"
#include "otlp/sink.h"
#include "support/fake_clock.h"
#include "support/wire_server.h"

namespace mcpgate::testing {
namespace {

/// Answers what it was told to, 200 when it was told nothing, and remembers the requests.
class Collector : public net::HttpClient {
 public:
  struct Memory {
    std::deque<absl::StatusOr<net::HttpResponse>> answers;
    std::vector<net::HttpRequest> requests;
  };
  explicit Collector(std::shared_ptr<Memory> memory) : memory_(std::move(memory)) {}
  absl::StatusOr<net::HttpResponse> Send(net::HttpRequest request, std::stop_token) override {
    memory_->requests.push_back(std::move(request));
    if (memory_->answers.empty()) return net::HttpResponse{.status = 200, .body = "{}"};
    auto answer = std::move(memory_->answers.front());
    memory_->answers.pop_front();
    return answer;
  }

 private:
  const std::shared_ptr<Memory> memory_;
};

net::HttpResponse Answer(int status, std::string body = "", std::string retry_after = "") {
  net::HttpResponse response{.status = status, .body = std::move(body)};
  if (!retry_after.empty()) response.headers.Add("retry-after", std::move(retry_after));
  return response;
}

struct Sending {
  Sending() {
    auto made = otlp::NewSink({.url = "http://127.0.0.1:1/v1/logs",
                               .headers = {{"authorization", Secret("Bearer x")}},
                               .clock = &clock},
                              std::make_unique<Collector>(collector));
    REQUIRE(made.ok());
    sink = *std::move(made);
  }
  Json Body(std::size_t request) const {
    const auto json = ParseJson(collector->requests.at(request).body);
    REQUIRE(json.ok());
    return *json;
  }
  const Json& Records(const Json& body) const {
    return body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
  }
  FakeClock clock;
  std::shared_ptr<Collector::Memory> collector = std::make_shared<Collector::Memory>();
  std::unique_ptr<AuditSink> sink;
};

TEST_CASE_FIXTURE(Sending, "records that wait together go in one request with the fields of the protocol") {
  REQUIRE(sink->Append(SampleAudit("1"), AuditDurability::kQueued).ok());
  AuditRecord refused = SampleAudit("2");
  refused.outcome = AuditOutcome::kDeny;
  REQUIRE(sink->Append(refused, AuditDurability::kQueued).ok());
  REQUIRE(sink->Flush().ok());
  REQUIRE(sink->Flush().ok());  // nothing waits
  REQUIRE(collector->requests.size() == 1);
  CHECK(*collector->requests[0].headers.Find("content-type") == "application/json");
  CHECK(*collector->requests[0].headers.Find("authorization") == "Bearer x");
  const Json body = Body(0);
  const Json& records = Records(body);
  REQUIRE(records.size() == 2);
  std::set<std::string> names;
  for (const auto& [name, value] : records[0].items()) names.insert(name);
  CHECK(names == std::set<std::string>{"timeUnixNano", "observedTimeUnixNano", "severityNumber",
                                       "severityText", "body", "attributes"});
  CHECK(records[0]["timeUnixNano"] == "1767225600123456789");
  CHECK(records[0]["severityNumber"] == 9);
  CHECK(records[1]["severityText"] == "WARN");
  CHECK(records[0]["body"]["stringValue"] == AuditText(SampleAudit("1")));
  CHECK(body["resourceLogs"][0]["resource"]["attributes"][0]["key"] == "service.name");
}

TEST_CASE_FIXTURE(Sending, "an answer that will pass is waited out, and the records are sent again") {
  collector->answers = {Answer(503), Answer(429, "", "7"), absl::UnavailableError("refused")};
  CHECK(absl::IsUnavailable(sink->Append(SampleAudit("1"), AuditDurability::kBefore)));
  CHECK(absl::IsUnavailable(sink->Flush()));
  CHECK(collector->requests.size() == 1);  // too early
  clock.Advance(std::chrono::milliseconds(250));
  CHECK(absl::IsUnavailable(sink->Flush()));
  clock.Advance(std::chrono::seconds(6));
  CHECK(absl::IsUnavailable(sink->Flush()));
  CHECK(collector->requests.size() == 2);
  clock.Advance(std::chrono::seconds(1));
  CHECK(absl::IsUnavailable(sink->Flush()));
  clock.Advance(std::chrono::seconds(1));
  CHECK(sink->Flush().ok());
  REQUIRE(collector->requests.size() == 4);
  CHECK(Records(Body(3)) == Records(Body(0)));
}

TEST_CASE_FIXTURE(Sending, "what a collector refuses is told and not sent again") {
  collector->answers = {Answer(400), Answer(200, R"({"partialSuccess":{"rejectedLogRecords":"1"}})")};
  CHECK(absl::IsUnavailable(sink->Append(SampleAudit("1"), AuditDurability::kBefore)));
  CHECK(sink->Flush().ok());
  CHECK(absl::IsUnavailable(sink->Append(SampleAudit("2"), AuditDurability::kBefore)));
  CHECK(sink->Flush().ok());
  CHECK(collector->requests.size() == 2);
}

TEST_CASE_FIXTURE(Sending, "what waits has a bound, and an address must be one") {
  for (int i = 0; i < 512; ++i) REQUIRE(sink->Append(SampleAudit("x"), AuditDurability::kQueued).ok());
  CHECK(absl::IsResourceExhausted(sink->Append(SampleAudit("x"), AuditDurability::kQueued)));
  CHECK(absl::IsInvalidArgument(NewOtlpSink({.url = "ftp://x/"}).status()));
}

TEST_CASE("what a collector asks for is sent in the clear to this machine alone") {
  const auto made = [](const char* url, const char* name) {
    return NewOtlpSink({.url = url, .headers = {{name, Secret("Bearer x")}}}).status();
  };
  CHECK(made("http://localhost:4318/v1/logs", "authorization").ok());
  CHECK(made("https://collector.example/v1/logs", "authorization").ok());
  CHECK(absl::IsInvalidArgument(made("http://collector.example/v1/logs", "authorization")));
  CHECK(absl::IsInvalidArgument(made("https://collector.example/v1/logs", "two words")));
  CHECK(NewOtlpSink({.url = "http://collector.example/v1/logs"}).ok());
}

TEST_CASE("beside another place a collector over the network gets every record, also after it was away") {
  std::atomic<int> refusals{2};
  Mutex mutex;
  std::vector<std::string> calls;
  WireServer server([&](WireConnection& wire, const std::string& request) {
    if (refusals-- > 0) return wire.Answer(503, "");
    const Json body = ParseJson(request.substr(request.find("\r\n\r\n") + 4)).value_or(Json());
    for (const Json& record : body["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) {
      MutexLock lock(mutex);
      calls.push_back(
          StringOr(ParseJson(StringOr(record["body"], "stringValue", "")).value_or(Json()), "call", ""));
    }
    wire.Answer(200, "{}");
  });
  const std::shared_ptr<MemoryAuditSink> memory = NewMemoryAuditSink();
  std::shared_ptr<AuditSink> sink = *NewOtlpSink({.url = server.url("/v1/logs")});
  auto both = FanOutSink::New(
      {.members = {{.name = "memory", .sink = memory}, {.name = "otlp", .sink = sink, .required = false}}});
  REQUIRE(both.ok());
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    expected.push_back(std::to_string(i));
    REQUIRE((*both)->Append(SampleAudit(expected.back()), AuditDurability::kBefore).ok());
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto all_came = [&] {
    MutexLock lock(mutex);
    return calls.size() >= expected.size();
  };
  while (!all_came() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  MutexLock lock(mutex);
  CHECK(calls == expected);
  CHECK(memory->Records().size() == 40);
}

}  // namespace
}  // namespace mcpgate::testing
