#include <doctest/doctest.h>

#include "contract/audit_sink_contract.h"

namespace mcpgate {
namespace {

TEST_CASE("the memory sink keeps the contract of AuditSink") {
  testing::AuditSinkContract([] {
    const std::shared_ptr<MemoryAuditSink> sink = NewMemoryAuditSink();
    return testing::AuditSinkUnderTest{sink, [sink] {
                                         std::vector<std::string> texts;
                                         for (const AuditRecord& record : sink->Records()) {
                                           texts.push_back(testing::AuditText(record));
                                         }
                                         return texts;
                                       }};
  });
}

TEST_CASE("the memory sink keeps the newest records") {
  const auto sink = NewMemoryAuditSink(3);
  for (const char* call : {"a", "b", "c", "d", "e"}) {
    REQUIRE(sink->Append({.call = call}, AuditDurability::kQueued).ok());
  }
  const std::vector<AuditRecord> records = sink->Records();
  REQUIRE(records.size() == 3);
  CHECK(records[0].call == "c");
  CHECK(records[2].call == "e");
}

}  // namespace
}  // namespace mcpgate
