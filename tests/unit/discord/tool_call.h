// Calls a tool as the server does: arguments checked before, the structured answer after.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "mcpgate/json.h"
#include "support/fake_call_context.h"
#include "tool/compiled_schema.h"
#include "unit/discord/scripted.h"

namespace mcpgate::testing {

inline std::string Complaints(const Json& schema, const Json& value) {
  const auto compiled = CompiledSchema::Compile(schema);
  REQUIRE_MESSAGE(compiled.ok(), compiled.status().ToString());
  return DescribeViolations((*compiled)->Validate(value));
}

inline absl::StatusOr<ToolResult> CallTool(const Tool& tool, const Json& arguments, CallContext& context) {
  REQUIRE_MESSAGE(Complaints(tool.input_schema, arguments).empty(), Complaints(tool.input_schema, arguments));
  absl::StatusOr<ToolResult> result = tool.handler(arguments, context);
  if (!result.ok()) return result;
  REQUIRE(result->structured.has_value());
  const std::string complaints = Complaints(*tool.output_schema, *result->structured);
  CHECK_MESSAGE(complaints.empty(), complaints);
  CHECK((FindMember(*result->structured, "error") != nullptr) == result->is_error);
  CHECK_FALSE((result->nothing_happened && result->outcome_unknown));
  CHECK(DumpJson(*result->structured).find(kToken) == std::string::npos);
  CHECK(DumpJson(result->content).find(kToken) == std::string::npos);
  return result;
}

/// For a call that is expected to get past Authorize.
inline ToolResult MustCall(const Tool& tool, const Json& arguments, CallContext& context) {
  absl::StatusOr<ToolResult> result = CallTool(tool, arguments, context);
  REQUIRE_MESSAGE(result.ok(), result.status().ToString());
  return *std::move(result);
}

inline std::string TextOf(const ToolResult& result) {
  std::string text;
  for (const Json& block : result.content) text += StringOr(block, "text", "");
  return text;
}

inline Json ErrorOf(const ToolResult& result) {
  REQUIRE(result.is_error);
  return result.structured->at("error");
}

}  // namespace mcpgate::testing
