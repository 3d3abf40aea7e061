#include <utility>

#include "mcpgate/tool.h"

namespace mcpgate {
ToolResult ToolResult::Text(std::string text) {
  ToolResult result;
  result.content.push_back(TextContent(std::move(text)));
  return result;
}

ToolResult ToolResult::Structured(Json value) {
  ToolResult result = Text(DumpJson(value));
  result.structured = std::move(value);
  return result;
}

ToolResult ToolResult::Error(std::string text) {
  ToolResult result = Text(std::move(text));
  result.is_error = true;
  return result;
}

}  // namespace mcpgate
