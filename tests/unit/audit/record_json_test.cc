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

TEST_CASE("the text is canonical: DumpJson of its parse is the same, whatever is in it") {
  std::string odd = "q\"\\\n\x01\xff 中";
  AuditRecord record = FullRecord();
  for (std::string* text : {&record.call, &record.action, &record.tenant, &record.key, &record.source,
                            &record.reason, &record.request, &record.args_digest}) {
    *text = odd += '!';
  }
  record.fields = {{"b", odd}, {odd, "1"},   {"\xfe", "2"}, {"\xff", "3"},
                   {"", "4"},  {"a\"", "5"}, {"a!", "6"}};
  const std::string text = TextOf(record);
  const auto parsed = ParseJson(text);
  REQUIRE(parsed.ok());
  CHECK(DumpJson(*parsed) == text);
}

TEST_CASE("of several values for one field the last counts") {
  AuditRecord record{.action = "x", .fields = {{"channel", "1"}, {"message", "2"}, {"channel", "3"}}};
  const auto parsed = ParseJson(TextOf(record));
  REQUIRE(parsed.ok());
  CHECK(DumpJson((*parsed)["fields"]) == R"({"channel":"3","message":"2"})");
}

TEST_CASE("no caller can swell a record") {
  const std::string huge(4u << 20, 'x');
  AuditRecord record{.call = huge, .action = huge, .reason = huge, .request = huge};
  for (int i = 0; i < 1000; ++i) record.fields.emplace_back(std::to_string(i) + huge.substr(0, 5000), huge);
  const std::string text = TextOf(record);
  CHECK(text.size() < 64 * 2 * 1100 + 16 * 1100);
  const auto parsed = ParseJson(text);
  REQUIRE(parsed.ok());
  CHECK((*parsed)["fields"].size() == 64);
  CHECK(DumpJson(*parsed) == text);
}

TEST_CASE("names of classes, phases and outcomes are fixed") {
  CHECK(AuditClassName(AuditClass::kTool) == "tool");
  CHECK(AuditClassName(AuditClass::kAuth) == "auth");
  CHECK(AuditClassName(AuditClass::kAdmin) == "admin");
  CHECK(AuditClassName(AuditClass::kSystem) == "system");
  CHECK(AuditPhaseName(AuditPhase::kSingle) == "single");
  CHECK(AuditPhaseName(AuditPhase::kIntent) == "intent");
  CHECK(AuditPhaseName(AuditPhase::kOutcome) == "outcome");
  CHECK(AuditOutcomeName(AuditOutcome::kAllow) == "allow");
  CHECK(AuditOutcomeName(AuditOutcome::kDeny) == "deny");
  CHECK(AuditOutcomeName(AuditOutcome::kOk) == "ok");
  CHECK(AuditOutcomeName(AuditOutcome::kError) == "error");
  CHECK(AuditOutcomeName(AuditOutcome::kAborted) == "aborted");
  CHECK(AuditOutcomeName(AuditOutcome::kCancelled) == "cancelled");
  CHECK(AuditOutcomeName(AuditOutcome::kUnknown) == "unknown");
  CHECK(AuditOutcomeName(static_cast<AuditOutcome>(99)) == "unknown");
}

TEST_CASE("times are written to the nanosecond, before and after the epoch") {
  const auto time_of = [](std::int64_t nanos) {
    const auto parsed = ParseJson(TextOf({.time = WallTime(Nanos(nanos)), .action = "x"}));
    return parsed.ok() ? StringOr(*parsed, "time", "") : "";
  };
  CHECK(time_of(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(time_of(951782400000000001) == "2000-02-29T00:00:00.000000001Z");
  CHECK(time_of(4102444799999999999) == "2099-12-31T23:59:59.999999999Z");
}

}  // namespace
}  // namespace mcpgate
