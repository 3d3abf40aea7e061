#include <chrono>
#include <condition_variable>
#include <initializer_list>
#include <mutex>
#include <string>
#include <utility>

#include "fixture.h"
#include "mcpgate/content.h"
#include "media.h"

namespace mcpgate::conformance {
namespace {

// Every keyword of it must reach the client as it stands here.
constexpr char kSchemaOf2020[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$defs": {
    "address": {
      "$anchor": "addressDef",
      "type": "object",
      "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
    }
  },
  "properties": {
    "name": {"type": "string"},
    "address": {"$ref": "#/$defs/address"},
    "contactMethod": {"type": "string", "enum": ["phone", "email"]},
    "phone": {"type": "string"},
    "email": {"type": "string"}
  },
  "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
  "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
  "then": {"required": ["phone"]},
  "else": {"required": ["email"]},
  "additionalProperties": false
})";

constexpr char kMirroredSchema[] = R"({
  "type": "object",
  "properties": {
    "region": {"type": "string", "x-mcp-header": "Region"},
    "level": {"type": "integer", "x-mcp-header": "Level"}
  },
  "additionalProperties": false
})";

/// Always an array: Json made of one block in braces would be that block.
ToolResult Blocks(std::initializer_list<Json> blocks) {
  return ToolResult{.content = Json(Json::array_t(blocks))};
}

/// Long enough for a client to see two notifications apart; ends at once when the call is to stop.
void Pause(const CallContext& context) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, context.stop_token(), std::chrono::milliseconds(50), [] { return false; });
}

ToolResult MixedContent(const NoArguments&) {
  return Blocks(
      {TextContent("Multiple content types test:"), ImageContent(RedPixel(), "image/png"),
       EmbeddedText("test://mixed-content-resource", "application/json", R"({"test":"data","value":123})")});
}

std::string ReportProgress(const NoArguments&, CallContext& context) {
  context.Progress(0, 100);
  Pause(context);
  context.Progress(50, 100);
  Pause(context);
  context.Progress(100, 100);
  return "Progress was reported.";
}

std::string WriteLog(const NoArguments&, CallContext& context) {
  context.Log(LogLevel::kInfo, "Tool execution started");
  Pause(context);
  context.Log(LogLevel::kInfo, "Tool processing data");
  Pause(context);
  context.Log(LogLevel::kInfo, "Tool execution completed");
  return "Three log messages were written.";
}

struct Greeting {
  std::string name;
};

// Longer than Listen() of fixture.cc leaves a stream its connection.
absl::StatusOr<ToolResult> AnswerLate(const NoArguments&, CallContext& context) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, context.stop_token(), std::chrono::milliseconds(1'500), [] { return false; });
  return ToolResult::Text("The connection was closed, and the answer came.");
}

absl::Status AddContent(Registry& registry) {
  absl::Status added =
      registry.Add(MakeFixtureTool("test_simple_text", "Answers a text.", [](const NoArguments&) {
        return "This is a simple text response for testing.";
      }));
  added.Update(
      registry.Add(MakeFixtureTool("test_image_content", "Answers a picture.", [](const NoArguments&) {
        return Blocks({ImageContent(RedPixel(), "image/png")});
      })));
  added.Update(registry.Add(MakeFixtureTool("test_audio_content", "Answers a sound.", [](const NoArguments&) {
    return Blocks({AudioContent(Silence(), "audio/wav")});
  })));
  added.Update(
      registry.Add(MakeFixtureTool("test_embedded_resource", "Answers a resource.", [](const NoArguments&) {
        return Blocks({EmbeddedText("test://embedded-resource", "text/plain",
                                    "This is an embedded resource content.")});
      })));
  added.Update(registry.Add(
      MakeFixtureTool("test_multiple_content_types", "Answers blocks of three kinds.", MixedContent)));
  added.Update(registry.Add(MakeFixtureTool("test_error_handling", "Always fails.", [](const NoArguments&) {
    return ToolResult::Error("This tool intentionally returns an error for testing");
  })));
  return added;
}

absl::Status AddNotifying(Registry& registry) {
  absl::Status added = registry.Add(
      MakeFixtureTool("test_tool_with_progress", "Reports progress three times.", ReportProgress));
  added.Update(
      registry.Add(MakeFixtureTool("test_tool_with_logging", "Writes three log messages.", WriteLog)));
  added.Update(registry.Add(
      MakeFixtureTool("test_logging_tool", "Writes a log message for whoever asked for it.",
                      [](const NoArguments&, CallContext& context) {
                        context.Log(LogLevel::kInfo, "Nobody hears this who has not set a level");
                        return "A log message was written.";
                      })));
  added.Update(registry.Add(
      MakeFixtureTool("test_reconnection", "Answers when its connection has been closed.", AnswerLate)));
  return added;
}

absl::Status AddWithSchema(Registry& registry, std::string name, std::string description,
                           const char* schema) {
  absl::StatusOr<Json> input = ParseJson(schema);
  if (!input.ok()) return input.status();
  Tool tool{.name = std::move(name),
            .description = std::move(description),
            .input_schema = *std::move(input),
            .annotations = {.read_only = true, .destructive = false},
            .role = Role::kReader};
  tool.handler = [](const Json& arguments, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text("Called with " + DumpJson(arguments));
  };
  return registry.Add(std::move(tool));
}

}  // namespace

absl::Status AddTools(Registry& registry) {
  absl::Status added = AddContent(registry);
  added.Update(AddNotifying(registry));
  added.Update(AddWithSchema(registry, "json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features",
                             kSchemaOf2020));
  added.Update(
      AddWithSchema(registry, "test_x_mcp_header", "Mirrors its arguments in headers.", kMirroredSchema));
  added.Update(registry.Add(MakeFixtureTool(
      "greet", "Greets somebody by name.", Schema<Greeting>().Field("name", &Greeting::name, "Whom to greet"),
      [](const Greeting& greeting) { return "Hello, " + greeting.name + "!"; })));
  return added;
}

absl::Status AddTriggers(Registry& registry, Publisher publish) {
  absl::Status added = registry.Add(MakeFixtureTool(
      "test_trigger_tool_change", "Says that the tools changed.", [publish](const NoArguments&) {
        publish(ServerEvent::Kind::kToolsChanged);
        return "Told.";
      }));
  added.Update(registry.Add(MakeFixtureTool("test_trigger_prompt_change", "Says that the prompts changed.",
                                            [publish](const NoArguments&) {
                                              publish(ServerEvent::Kind::kPromptsChanged);
                                              return "Told.";
                                            })));
  return added;
}

}  // namespace mcpgate::conformance
