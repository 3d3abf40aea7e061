#include "support/everything.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "support/wait_for_stop.h"

namespace mcpgate::testing {
namespace {

const Json kIcons = {{{"src", "https://example.com/i.png"}}};

Json NameSchema() {
  return {{"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};
}

InputRequest AskFor(const std::string& key) {
  return InputRequest::Form(key, "Your " + key + "?", NameSchema());
}

// What a person filled in, or what they did instead.
std::string Said(const Json& answer) {
  const Json* content = FindObject(answer, "content");
  return content == nullptr ? StringOr(answer, "action", "?") : StringOr(*content, "name", "?");
}

Tool Reading(std::string name, RunOn run_on, ToolHandler handler) {
  Tool tool;
  tool.name = std::move(name);
  tool.input_schema = {{"type", "object"}};
  tool.annotations = {.read_only = true, .destructive = false};
  tool.role = Role::kReader;
  tool.run_on = run_on;
  tool.handler = std::move(handler);
  return tool;
}

absl::StatusOr<ToolResult> AskOne(const Json&, CallContext& context) {
  absl::StatusOr<Json> answer = context.Ask(AskFor("name"));
  if (!answer.ok()) return answer.status();
  return ToolResult::Text("hello " + Said(*answer));
}

// One question after the other: each round knows the answers before it.
absl::StatusOr<ToolResult> AskThree(const Json&, CallContext& context) {
  std::string all;
  for (const char* key : {"first", "second", "third"}) {
    absl::StatusOr<Json> answer = context.Ask(AskFor(key));
    if (!answer.ok()) return answer.status();
    all += Said(*answer) + ' ';
  }
  return ToolResult::Text(all);
}

absl::StatusOr<ToolResult> AskEveryWay(const Json& arguments, CallContext& context) {
  const std::string way = StringOr(arguments, "way", "");
  InputRequest request = InputRequest::Roots("q");
  if (way == "url") request = InputRequest::Url("q", "Go there", "https://example.com/x");
  if (way == "sample") request = InputRequest::Sample("q", {{"messages", Json::array()}, {"maxTokens", 5}});
  if (way == "form") request = AskFor("q");
  absl::StatusOr<Json> answer = context.Ask(request);
  if (!answer.ok()) return answer.status();
  return ToolResult::Text("answered " + way);
}

absl::StatusOr<ToolResult> LogThree(const Json&, CallContext& context) {
  context.Log(LogLevel::kDebug, "fine");
  context.Log(LogLevel::kWarning, {{"disk", "full"}}, "disks");
  context.Log(LogLevel::kEmergency, "fire");
  return ToolResult::Text("logged");
}

// Asks, and then waits to be stopped: what remains of its time after the question shows.
absl::StatusOr<ToolResult> AskThenWait(const Json& arguments, CallContext& context) {
  absl::StatusOr<Json> answer = context.Ask(AskFor("name"));
  if (!answer.ok()) return answer.status();
  return WaitForStop(arguments, context);
}

Tool Linked() {
  Tool tool = Reading("link", RunOn::kInline, [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    ToolResult result = ToolResult::Structured({{"n", 1}});
    result.content.push_back(ResourceLink("memo:///one", "one", "text/plain"));
    return result;
  });
  tool.title = "Link";
  tool.icons = kIcons;
  tool.output_schema = Json{{"type", "object"}};
  return tool;
}

// Has an effect once it was confirmed.
Tool Order() {
  Tool tool = Reading("order", RunOn::kPool, AskOne);
  tool.annotations = {};
  tool.limit_class = "posting";
  return tool;
}

Tool Routed() {
  Tool tool = Reading("routed", RunOn::kInline, [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> {
    return ToolResult::Text("routed");
  });
  tool.input_schema = {{"type", "object"},
                       {"properties",
                        {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}},
                         {"count", {{"type", "integer"}, {"x-mcp-header", "Count"}}},
                         {"dry", {{"type", "boolean"}, {"x-mcp-header", "Dry"}}}}}};
  return tool;
}

absl::StatusOr<Completion> CompleteTone(const CompletionRequest& request) {
  Completion completion;
  for (const char* tone : {"kind", "keen", "cold"}) {
    if (std::string_view(tone).starts_with(request.value)) completion.values.emplace_back(tone);
  }
  if (const auto name = request.known.find("name"); name != request.known.end()) {
    completion.values.push_back("as " + name->second);
  }
  return completion;
}

Prompt Greet() {
  Prompt prompt{.name = "greet",
                .title = "Greet",
                .description = "Greets somebody.",
                .arguments = {{.name = "name", .title = "Name", .required = true}, {.name = "tone"}},
                .icons = kIcons,
                .role = Role::kReader};
  prompt.handler = [](const PromptArguments& arguments, CallContext&) -> absl::StatusOr<PromptResult> {
    if (arguments.at("name") == "nobody") return absl::InvalidArgumentError("nobody cannot be greeted");
    PromptResult result{.description = "A greeting"};
    result.User(TextContent("Greet " + arguments.at("name")));
    return result;
  };
  prompt.complete = CompleteTone;
  return prompt;
}

Prompt Simple(std::string name, Role role, PromptHandler handler) {
  Prompt prompt{.name = std::move(name), .role = role};
  prompt.handler = std::move(handler);
  return prompt;
}

absl::StatusOr<PromptResult> LinkPrompt(const PromptArguments&, CallContext&) {
  PromptResult result;
  result.Assistant(ResourceLink("memo:///one", "one"));
  return result;
}

absl::StatusOr<PromptResult> AskPrompt(const PromptArguments&, CallContext& context) {
  absl::StatusOr<Json> answer = context.Ask(AskFor("name"));
  if (!answer.ok()) return answer.status();
  PromptResult result;
  result.User(TextContent("I am " + Said(*answer)));
  return result;
}

Resource Memo(std::string name, Role role, ResourceHandler handler) {
  Resource resource{.uri = "memo:///" + name, .name = name, .role = role};
  resource.handler = std::move(handler);
  return resource;
}

Resource One() {
  Resource one =
      Memo("one", Role::kReader, [](const ResourceRequest&, CallContext&) -> absl::StatusOr<ResourceResult> {
        ResourceResult result = ResourceResult::Text("text/plain", "first");
        result.ttl = std::chrono::seconds(5);
        return result;
      });
  one.title = "One";
  one.description = "The first.";
  one.mime_type = "text/plain";
  one.size = 5;
  one.annotations = {{"priority", 1}};
  one.icons = kIcons;
  return one;
}

absl::StatusOr<ResourceResult> ReadBytes(const ResourceRequest&, CallContext&) {
  return ResourceResult::Bytes("application/octet-stream", std::string("\0\xff", 2));
}
absl::StatusOr<ResourceResult> ReadGone(const ResourceRequest&, CallContext&) {
  return absl::NotFoundError("it was here yesterday");
}
absl::StatusOr<ResourceResult> ReadEmpty(const ResourceRequest&, CallContext&) { return ResourceResult(); }
absl::StatusOr<ResourceResult> ReadAsked(const ResourceRequest&, CallContext& context) {
  absl::StatusOr<Json> answer = context.Ask(AskFor("name"));
  if (!answer.ok()) return answer.status();
  return ResourceResult::Text("text/plain", "for " + Said(*answer));
}

ResourceTemplate Day() {
  ResourceTemplate day{.uri_template = "memo:///day/{day}",
                       .name = "day",
                       .title = "Day",
                       .description = "What happened.",
                       .mime_type = "text/plain",
                       .icons = kIcons,
                       .role = Role::kReader};
  day.handler = [](const ResourceRequest& request, CallContext&) -> absl::StatusOr<ResourceResult> {
    const std::string& which = request.variables.at("day");
    if (which == "never") return absl::NotFoundError("no such day");
    return ResourceResult::Text("text/plain", "on " + which);
  };
  day.complete = [](const CompletionRequest&) -> absl::StatusOr<Completion> {
    Completion completion;
    for (int i = 0; i < 150; ++i) completion.values.push_back(std::to_string(i));
    return completion;
  };
  return day;
}

ResourceTemplate Year() {
  ResourceTemplate year{.uri_template = "memo:///year/{year}", .name = "year", .role = Role::kReader};
  year.handler = ReadGone;
  return year;
}

template <typename T>
void Put(Registry& registry, T entry) {
  if (absl::Status added = registry.Add(std::move(entry)); !added.ok())
    throw std::runtime_error(added.ToString());
}

void PutTools(Registry& registry) {
  Put(registry, Linked());
  Put(registry, Reading("log", RunOn::kInline, LogThree));
  Put(registry, Reading("ask", RunOn::kPool, AskOne));
  Put(registry, Reading("ask_inline", RunOn::kInline, AskOne));
  Put(registry, Reading("ask_three", RunOn::kPool, AskThree));
  Put(registry, Reading("ask_way", RunOn::kPool, AskEveryWay));
  Put(registry, Reading("ask_then_wait", RunOn::kPool, AskThenWait));
  Put(registry, Reading("wait", RunOn::kPool, WaitForStop));
  Put(registry, Order());
  Put(registry, Routed());
}

}  // namespace

Tool Idle(std::string name) {
  return Reading(
      std::move(name), RunOn::kInline,
      [](const Json&, CallContext&) -> absl::StatusOr<ToolResult> { return ToolResult::Text("idle"); });
}

Registry Everything() {
  Registry registry;
  PutTools(registry);
  Put(registry, Greet());
  Put(registry, Simple("linked", Role::kReader, LinkPrompt));
  Put(registry, Simple("asking", Role::kReader, AskPrompt));
  Put(registry, Simple("hidden", Role::kAdmin, LinkPrompt));
  Put(registry, One());
  Put(registry, Memo("bytes", Role::kReader, ReadBytes));
  Put(registry, Memo("gone", Role::kReader, ReadGone));
  Put(registry, Memo("empty", Role::kReader, ReadEmpty));
  Put(registry, Memo("asking", Role::kReader, ReadAsked));
  Put(registry, Memo("hidden", Role::kAdmin, ReadBytes));
  Put(registry, Memo("day/hidden", Role::kAdmin, ReadBytes));  // an address that the template fits too
  Put(registry, Day());
  Put(registry, Year());
  return registry;
}

}  // namespace mcpgate::testing
