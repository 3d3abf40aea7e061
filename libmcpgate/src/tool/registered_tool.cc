#include "tool/registered_tool.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace mcpgate {
namespace {

absl::Status Wrong(const Tool& tool, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("tool \"{}\": {}", tool.name, what));
}

// What the schema compiler cannot know: MCP's own rules for the schemas of a tool, and our audit rule.
absl::Status CheckDeclaration(const Tool& tool) {
  if (const absl::Status name = CheckEntryName("tool", tool.name); !name.ok()) return name;
  if (!tool.problem.ok()) return Wrong(tool, std::string(tool.problem.message()));
  if (!tool.handler) return Wrong(tool, "has no handler");
  if (StringOr(tool.input_schema, "type", "") != "object") {
    return Wrong(tool, "the input schema must be an object with \"type\": \"object\"");
  }
  if (tool.output_schema.has_value() && !tool.output_schema->is_object()) {
    return Wrong(tool, "the output schema must be an object");
  }
  const Json* properties = FindObject(tool.input_schema, "properties");
  for (const std::string& argument : tool.audit_arguments) {
    if (properties == nullptr || FindMember(*properties, argument) == nullptr) {
      return Wrong(tool, fmt::format("audit_arguments names \"{}\", which the input schema does not declare",
                                     argument));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileFor(const Tool& tool, const Json& schema,
                                                                 std::string_view which) {
  auto compiled = CompiledSchema::Compile(schema);
  if (compiled.ok()) return compiled;
  return Wrong(tool, fmt::format("{} schema: {}", which, std::string(compiled.status().message())));
}

// destructiveHint and idempotentHint mean something only for a tool that is not read-only.
Json AnnotationsOf(const Tool& tool, ListingForm form) {
  Json hints = {{"readOnlyHint", tool.annotations.read_only}, {"openWorldHint", tool.annotations.open_world}};
  if (!tool.annotations.read_only) {
    hints["destructiveHint"] = tool.annotations.destructive;
    hints["idempotentHint"] = tool.annotations.idempotent;
  }
  if (form == ListingForm::k2025_03 && !tool.title.empty()) hints["title"] = tool.title;
  return hints;
}

bool ListsOutput(const Tool& tool, ListingForm form) {
  if (!tool.output_schema.has_value() || form == ListingForm::k2025_03) return false;
  return form == ListingForm::k2026 || StringOr(*tool.output_schema, "type", "") == "object";
}

std::string ListingOf(const Tool& tool, ListingForm form) {
  Json entry = {{"name", tool.name}, {"inputSchema", tool.input_schema}};
  entry["annotations"] = AnnotationsOf(tool, form);
  AddTexts(entry, form, tool.title, tool.description);
  AddIcons(entry, form, tool.icons);
  if (ListsOutput(tool, form)) entry["outputSchema"] = *tool.output_schema;
  if (tool.meta.is_object() && form != ListingForm::k2025_03) entry["_meta"] = tool.meta;
  return DumpJson(entry);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RegisteredTool>> RegisteredTool::New(Tool tool) {
  if (const absl::Status status = CheckDeclaration(tool); !status.ok()) return status;
  std::shared_ptr<RegisteredTool> made(new RegisteredTool());
  auto input = CompileFor(tool, tool.input_schema, "input");
  if (!input.ok()) return input.status();
  made->input_ = *std::move(input);
  if (tool.output_schema.has_value()) {
    auto output = CompileFor(tool, *tool.output_schema, "output");
    if (!output.ok()) return output.status();
    made->output_ = *std::move(output);
  }
  auto headers = FindParamHeaders(tool.input_schema);
  if (!headers.ok()) return Wrong(tool, std::string(headers.status().message()));
  made->param_headers_ = *std::move(headers);
  for (const ListingForm form : kListingForms) {
    made->listings_[static_cast<std::size_t>(form)] = ListingOf(tool, form);
  }
  made->key_ = made->action_ = tool.name;
  made->role_ = tool.role;
  made->tool_ = std::move(tool);
  return std::shared_ptr<const RegisteredTool>(std::move(made));
}

}  // namespace mcpgate
