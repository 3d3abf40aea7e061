#include "discord/tool_parts.h"

#include <fmt/format.h>

#include <utility>

#include "discord/snowflake.h"

namespace mcpgate {
namespace {

std::string_view EffectName(Effect effect) {
  if (effect == Effect::kNone) return "none";
  return effect == Effect::kDone ? "done" : "unknown";
}

Json ErrorSchema() {
  return {
      {"type", "object"},
      {"description", "Why the call failed"},
      {"properties",
       {{"kind",
         {{"type", "string"},
          {"description",
           "invalid_request, not_found, forbidden, rate_limited, bad_bot_token, unreachable, "
           "discord_failed or stopped"}}},
        {"message", {{"type", "string"}}},
        {"effect", {{"enum", {"none", "unknown", "done"}}, {"description", "Whether anything was changed"}}},
        {"retry_after_ms", {{"type", "integer"}, {"minimum", 0}}},
        {"http_status", {{"type", "integer"}}},
        {"discord_code", {{"type", "integer"}}}}},
      {"required", {"kind", "message", "effect"}}};
}

}  // namespace

Json InputSchema(Json properties, std::vector<std::string> required) {
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json OutputSchema(Json properties, const std::vector<std::vector<std::string>>& shapes) {
  properties["error"] = ErrorSchema();
  Json any = Json::array();
  for (const std::vector<std::string>& shape : shapes) any.push_back({{"required", shape}});
  any.push_back({{"required", {"error"}}});
  return {{"type", "object"}, {"properties", std::move(properties)}, {"anyOf", std::move(any)}};
}

Json IdSchema(std::string_view description) {
  return {{"type", "string"}, {"pattern", kSnowflakePattern}, {"description", description}};
}

std::string ChannelResource(std::string_view channel_id) {
  return fmt::format("discord:channel:{}", channel_id);
}

RestCaller CallerOf(const CallContext& context) {
  return {.who = context.principal().family, .stop = context.stop_token(), .deadline = context.deadline()};
}

ToolResult Failure(const DiscordError& error, Effect effect, std::string_view advice) {
  Json told = {
      {"kind", DiscordErrorKindName(error.kind)}, {"message", error.message}, {"effect", EffectName(effect)}};
  if (error.retry_after.has_value()) {
    told["retry_after_ms"] = std::chrono::ceil<std::chrono::milliseconds>(*error.retry_after).count();
  }
  if (error.http_status != 0) told["http_status"] = error.http_status;
  if (error.code != 0) told["discord_code"] = error.code;
  ToolResult result =
      ToolResult::Error(advice.empty() ? error.message : fmt::format("{}\n{}", error.message, advice));
  result.structured = Json{{"error", std::move(told)}};
  result.nothing_happened = effect == Effect::kNone;
  result.outcome_unknown = effect == Effect::kUnknown;
  return result;
}

ToolResult BadArgument(std::string message) {
  DiscordError error;
  error.kind = DiscordError::Kind::kInvalid;
  error.message = std::move(message);
  return Failure(error, Effect::kNone);
}

}  // namespace mcpgate
