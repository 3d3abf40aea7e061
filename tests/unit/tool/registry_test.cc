#include "mcpgate/registry.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tool/catalog.h"

namespace mcpgate {
namespace {

Tool MinimalTool(std::string name) {
  Tool tool;
  tool.name = std::move(name);
  tool.handler = [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text("done");
  };
  return tool;
}

bool Says(const absl::Status& status, std::string_view words) {
  return std::string(status.message()).find(words) != std::string::npos;
}

Json ListingOf(const Registry& registry, std::string_view name, ListingForm form) {
  const auto tool = registry.catalog()->tools.Find(name);
  REQUIRE(tool != nullptr);
  return *ParseJson(tool->Listing(form));
}

TEST_CASE("tools are listed in the order they were added") {
  Registry registry;
  const std::vector<std::string> names = {"zebra", "ant", "mole", "bee"};
  for (const std::string& name : names) REQUIRE(registry.Add(MinimalTool(name)).ok());
  std::vector<std::string> listed;
  const auto catalog = registry.catalog();
  for (const auto& tool : catalog->tools.entries()) listed.push_back(tool->tool().name);
  CHECK(listed == names);
}

TEST_CASE("a tool is found by its exact name only") {
  Registry registry;
  REQUIRE(registry.Add(MinimalTool("greet")).ok());
  REQUIRE(registry.catalog()->tools.Find("greet") != nullptr);
  CHECK(registry.catalog()->tools.Find("greet")->tool().name == "greet");
  CHECK(registry.catalog()->tools.Find("Greet") == nullptr);
  CHECK(registry.catalog()->tools.Find("") == nullptr);
}

TEST_CASE("a name can be taken once") {
  Registry registry;
  REQUIRE(registry.Add(MinimalTool("greet")).ok());
  const absl::Status again = registry.Add(MinimalTool("greet"));
  CHECK(absl::IsAlreadyExists(again));
  CHECK(Says(again, "\"greet\""));
  CHECK(registry.catalog()->tools.entries().size() == 1);
}

TEST_CASE("names that clients cannot use are refused") {
  for (const std::string& name :
       {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a/b"),
        std::string("caf\xc3\xa9"), std::string("a\n"), std::string("a\0b", 3)}) {
    CAPTURE(name);
    Registry registry;
    const absl::Status status = registry.Add(MinimalTool(name));
    CHECK(absl::IsInvalidArgument(status));
    CHECK(Says(status, "1 to 128 characters"));
    CHECK(registry.catalog()->tools.entries().empty());
  }
}

TEST_CASE("names of every allowed character and of 128 characters are accepted") {
  Registry registry;
  CHECK(registry.Add(MinimalTool("aZ09_.-")).ok());
  CHECK(registry.Add(MinimalTool(std::string(128, 'a'))).ok());
}

TEST_CASE("a tool without a handler is refused") {
  Tool tool = MinimalTool("greet");
  tool.handler = nullptr;
  CHECK(Says(Registry().Add(std::move(tool)), "tool \"greet\": has no handler"));
}

TEST_CASE("a schema that does not compile is refused with tool, schema, place and keyword") {
  Tool bad_input = MinimalTool("greet");
  bad_input.input_schema = {{"type", "object"}, {"properties", {{"name", {{"minLength", -1}}}}}};
  CHECK(Says(Registry().Add(bad_input), "tool \"greet\": input schema: /properties/name/minLength must be"));
  Tool bad_output = MinimalTool("greet");
  bad_output.output_schema = Json{{"unevaluatedItems", 5}};
  CHECK(Says(Registry().Add(bad_output), "output schema: /unevaluatedItems must be a schema"));
  bad_output.output_schema = Json(true);
  CHECK(Says(Registry().Add(bad_output), "output schema must be an object"));
}

TEST_CASE("an input schema must be one of an object, as MCP demands") {
  for (const Json& schema : {Json(nullptr), Json(true), Json::object(), Json{{"type", "string"}},
                             Json{{"type", Json::array({"object"})}}}) {
    Tool tool = MinimalTool("greet");
    tool.input_schema = schema;
    CHECK(Says(Registry().Add(std::move(tool)), "\"type\": \"object\""));
  }
}

TEST_CASE("an audit argument that the schema does not declare is refused") {
  Tool tool = MinimalTool("greet");
  tool.input_schema["properties"] = {{"channel_id", {{"type", "string"}}}};
  tool.audit_arguments = {"channel_id", "chanel"};
  CHECK(Says(Registry().Add(tool), "\"chanel\""));
  tool.audit_arguments = {"channel_id"};
  CHECK(Registry().Add(tool).ok());
}

TEST_CASE("a tool that says nothing of itself is listed as a possibly destructive effect") {
  Registry registry;
  REQUIRE(registry.Add(MinimalTool("greet")).ok());
  CHECK(ListingOf(registry, "greet", ListingForm::k2026) == *ParseJson(R"({
    "name": "greet",
    "inputSchema": {"type": "object", "additionalProperties": false},
    "annotations": {"readOnlyHint": false, "openWorldHint": true, "destructiveHint": true,
                    "idempotentHint": false}
  })"));
}

TEST_CASE("a read-only tool carries no hints about its effects") {
  Registry registry;
  Tool tool = MinimalTool("look");
  tool.annotations = {.read_only = true, .open_world = false};
  REQUIRE(registry.Add(std::move(tool)).ok());
  CHECK(ListingOf(registry, "look", ListingForm::k2026)["annotations"] ==
        Json{{"readOnlyHint", true}, {"openWorldHint", false}});
}

TEST_CASE("each revision lists what it knows of a tool") {
  Registry registry;
  Tool tool = MinimalTool("count");
  tool.title = "Count";
  tool.description = "Counts.";
  tool.output_schema = Json{{"type", "integer"}};
  REQUIRE(registry.Add(std::move(tool)).ok());

  const Json first = ListingOf(registry, "count", ListingForm::k2025_03);
  CHECK_FALSE(first.contains("title"));
  CHECK(first["annotations"]["title"] == "Count");
  CHECK_FALSE(first.contains("outputSchema"));

  const Json second = ListingOf(registry, "count", ListingForm::k2025_06);
  CHECK(second["title"] == "Count");
  CHECK(second["description"] == "Counts.");
  CHECK_FALSE(second["annotations"].contains("title"));
  CHECK_FALSE(second.contains("outputSchema"));

  CHECK(ListingOf(registry, "count", ListingForm::k2026)["outputSchema"] == Json{{"type", "integer"}});
}

TEST_CASE("an output schema of an object is listed from 2025-06 on") {
  Registry registry;
  Tool tool = MinimalTool("count");
  tool.output_schema = Json{{"type", "object"}};
  REQUIRE(registry.Add(std::move(tool)).ok());
  CHECK_FALSE(ListingOf(registry, "count", ListingForm::k2025_03).contains("outputSchema"));
  CHECK(ListingOf(registry, "count", ListingForm::k2025_06).contains("outputSchema"));
  CHECK(registry.catalog()->tools.Find("count")->output() != nullptr);
}

TEST_CASE("schemas are listed as they were written, unknown keywords included") {
  Registry registry;
  Tool tool = MinimalTool("look");
  tool.input_schema =
      *ParseJson(R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"a": {"type": "string", "x-note": "A"}}, "properties": {"a": {"$ref": "#/$defs/a"}}})");
  const Json written = tool.input_schema;
  REQUIRE(registry.Add(std::move(tool)).ok());
  CHECK(ListingOf(registry, "look", ListingForm::k2026)["inputSchema"] == written);
}

TEST_CASE("the ready-made results carry text, structure and the error flag") {
  CHECK(ToolResult::Text("hi").content == *ParseJson(R"([{"type": "text", "text": "hi"}])"));
  const ToolResult structured = ToolResult::Structured({{"n", 1}});
  CHECK(*structured.structured == Json{{"n", 1}});
  CHECK(structured.content[0]["text"] == "{\"n\":1}");
  CHECK_FALSE(structured.is_error);
  CHECK(ToolResult::Error("no").is_error);
}

}  // namespace
}  // namespace mcpgate
