#include <doctest/doctest.h>

#include <string>

#include "mcpgate/audit.h"
#include "mcpgate/json.h"

namespace mcpgate {
namespace {

std::string TextOf(const AuditRecord& record) {
  std::string text;
  AppendAuditJson(text, record);
  return text;
}

AuditRecord FullRecord() {
  return {.time = WallTime(Nanos(1767225600123456789)),
          .klass = AuditClass::kTool,
          .phase = AuditPhase::kOutcome,
          .outcome = AuditOutcome::kError,
          .call = "c1",
          .action = "discord_send_message",
          .tenant = "default",
          .key = "7Qx0aZ3LmP9t",
          .source = "stdio",
          .reason = "said \"no\"",
          .request = "17",
          .args_digest = "00ff",
          .args_bytes = 42,
          .fields = {{"message", "9"}, {"channel", "7"}},
          .duration = Nanos(1500)};
}

TEST_CASE("a record's text is fixed, member by member") {
  CHECK(TextOf(FullRecord()) ==
        R"({"action":"discord_send_message","args_bytes":42,"args_digest":"00ff","call":"c1","class":"tool",)"
        R"("duration_ns":1500,"fields":{"channel":"7","message":"9"},"key":"7Qx0aZ3LmP9t","outcome":"error",)"
        R"("phase":"outcome","reason":"said \"no\"","request":"17","source":"stdio","tenant":"default",)"
        R"("time":"2026-01-01T00:00:00.123456789Z"})");
}

TEST_CASE("what is empty is left out") {
  CHECK(TextOf({.action = "keys.list"}) ==
        R"({"action":"keys.list","class":"tool","outcome":"ok","phase":"single",)"
        R"("time":"1970-01-01T00:00:00.000000000Z"})");
}

}  // namespace
}  // namespace mcpgate
