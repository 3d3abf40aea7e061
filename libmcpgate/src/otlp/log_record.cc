#include "otlp/log_record.h"

#include <utility>

#include "mcpgate/version.h"

namespace mcpgate::otlp {
namespace {

// 64-bit numbers are texts in the JSON form of protocol buffers.
std::string NanosText(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

void AddText(Json& attributes, std::string name, const std::string& value) {
  if (value.empty()) return;
  attributes.push_back({{"key", std::move(name)}, {"value", {{"stringValue", value}}}});
}

void AddNumber(Json& attributes, std::string name, std::int64_t value) {
  if (value == 0) return;
  attributes.push_back({{"key", std::move(name)}, {"value", {{"intValue", std::to_string(value)}}}});
}

bool IsWarning(AuditOutcome outcome) {
  return outcome != AuditOutcome::kAllow && outcome != AuditOutcome::kOk;
}

Json AttributesOf(const AuditRecord& record) {
  Json attributes = Json::array();
  AddText(attributes, "mcpgate.class", std::string(AuditClassName(record.klass)));
  AddText(attributes, "mcpgate.phase", std::string(AuditPhaseName(record.phase)));
  AddText(attributes, "mcpgate.outcome", std::string(AuditOutcomeName(record.outcome)));
  AddText(attributes, "mcpgate.action", record.action);
  AddText(attributes, "mcpgate.call", record.call);
  AddText(attributes, "mcpgate.tenant", record.tenant);
  AddText(attributes, "mcpgate.key", record.key);
  AddText(attributes, "mcpgate.source", record.source);
  AddText(attributes, "mcpgate.reason", record.reason);
  AddNumber(attributes, "mcpgate.duration_ns", record.duration.count());
  return attributes;
}

}  // namespace

Json LogRecordJson(const AuditRecord& record, WallTime observed) {
  constexpr int kInfo = 9, kWarn = 13;  // SeverityNumber
  const bool warning = IsWarning(record.outcome);
  std::string body;
  AppendAuditJson(body, record);
  return {{"timeUnixNano", NanosText(record.time)},     {"observedTimeUnixNano", NanosText(observed)},
          {"severityNumber", warning ? kWarn : kInfo},  {"severityText", warning ? "WARN" : "INFO"},
          {"body", {{"stringValue", std::move(body)}}}, {"attributes", AttributesOf(record)}};
}

std::string RequestText(std::string_view service, std::span<const Json> records) {
  Json resource = Json::array();
  AddText(resource, "service.name", std::string(service));
  AddText(resource, "service.version", kVersion);
  Json logs = Json::array();
  for (const Json& record : records) logs.push_back(record);
  Json scope = {{"scope", {{"name", "mcpgate.audit"}}}, {"logRecords", std::move(logs)}};
  Json whole = {{"resource", {{"attributes", std::move(resource)}}},
                {"scopeLogs", Json::array({std::move(scope)})}};
  return DumpJson({{"resourceLogs", Json::array({std::move(whole)})}});
}

}  // namespace mcpgate::otlp
