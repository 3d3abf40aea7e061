// What every AuditSink promises while its store is well. Call it in a TEST_CASE of the implementation with a
// function that opens a fresh sink and says how its records are read back.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/audit.h"

namespace mcpgate::testing {

struct AuditSinkUnderTest {
  std::shared_ptr<AuditSink> sink;
  /// The canonical texts of all stored records, oldest first.
  std::function<std::vector<std::string>()> stored;
};
using AuditSinkFactory = std::function<AuditSinkUnderTest()>;

inline AuditRecord SampleAudit(const std::string& call) {
  return {.time = WallTime(Nanos(1767225600123456789)),
          .klass = AuditClass::kTool,
          .phase = AuditPhase::kIntent,
          .outcome = AuditOutcome::kAllow,
          .call = call,
          .action = "discord_send_message",
          .tenant = "default",
          .key = "7Qx0aZ3LmP9t",
          .source = "stdio",
          .reason = "said \"no\" in 中文\n\x01",
          .request = "\"r-1\"",
          .args_digest = "00ff",
          .args_bytes = 42,
          .fields = {{"channel", "7"}},
          .duration = Nanos(1500)};
}

inline std::string AuditText(const AuditRecord& record) {
  std::string text;
  AppendAuditJson(text, record);
  return text;
}

namespace audit_sink_contract {

inline void FromManyThreads(const AuditSinkUnderTest& under_test) {
  constexpr int kThreads = 4, kEach = 100;
  std::vector<std::thread> threads;
  std::vector<int> failed(kThreads, 0);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const auto durability = i % 10 == 0 ? AuditDurability::kBefore : AuditDurability::kQueued;
        const std::string call = std::to_string(thread) + "-" + std::to_string(i);
        failed[thread] += under_test.sink->Append(SampleAudit(call), durability).ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(under_test.sink->Flush().ok());
  const std::vector<std::string> stored = under_test.stored();
  CHECK(stored.size() == kThreads * kEach);
  for (int thread = 0; thread < kThreads; ++thread) {
    CHECK(failed[thread] == 0);
    auto from = stored.begin();
    int in_order = 0;
    for (int i = 0; i < kEach; ++i) {
      const std::string text = AuditText(SampleAudit(std::to_string(thread) + "-" + std::to_string(i)));
      from = std::find(from, stored.end(), text);
      in_order += from != stored.end() ? 1 : 0;
    }
    CHECK(in_order == kEach);
  }
}

}  // namespace audit_sink_contract

inline void AuditSinkContract(const AuditSinkFactory& make) {
  const AuditSinkUnderTest under_test = make();
  AuditSink& sink = *under_test.sink;
  using Texts = std::vector<std::string>;
  SUBCASE("a fresh sink is empty and ready") {
    CHECK(sink.Ready().ok());
    CHECK(sink.Flush().ok());
    CHECK(under_test.stored().empty());
  }
  SUBCASE("a record asked for before is there when Append returns, as its canonical text") {
    REQUIRE(sink.Append(SampleAudit("one"), AuditDurability::kBefore).ok());
    CHECK(under_test.stored() == Texts{AuditText(SampleAudit("one"))});
  }
  SUBCASE("a queued record is there after Flush") {
    REQUIRE(sink.Append(SampleAudit("one"), AuditDurability::kQueued).ok());
    REQUIRE(sink.Flush().ok());
    CHECK(under_test.stored() == Texts{AuditText(SampleAudit("one"))});
  }
  SUBCASE("one thread's records keep their order, whatever their durability") {
    Texts expected;
    for (int i = 0; i < 20; ++i) {
      const AuditRecord record = SampleAudit(std::to_string(i));
      expected.push_back(AuditText(record));
      const auto durability = i % 3 == 0 ? AuditDurability::kBefore : AuditDurability::kQueued;
      REQUIRE(sink.Append(record, durability).ok());
    }
    REQUIRE(sink.Flush().ok());
    CHECK(under_test.stored() == expected);
  }
  SUBCASE("many threads lose nothing and each keeps its order") {
    audit_sink_contract::FromManyThreads(under_test);
  }
}

}  // namespace mcpgate::testing
