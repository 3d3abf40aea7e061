#include "protocol/tool_result.h"

namespace mcpgate {
namespace {

bool KnowsStructured(const Json& value, Revision revision) {
  if (revision == Revision::k2025_03_26) return false;
  return IsModern(revision) || value.is_object();
}

}  // namespace

Json ContentFor(const Json& block, Revision revision) {
  if (revision != Revision::k2025_03_26 || StringOr(block, "type", "") != "resource_link") return block;
  return TextContent(StringOr(block, "name", "resource") + ": " + StringOr(block, "uri", ""));
}

std::string ToolResultMembers(const ToolResult& result, Revision revision) {
  std::string members;
  members.reserve(256);  // a short text, in one allocation
  members += R"("content":)";
  if (revision == Revision::k2025_03_26) {
    Json known = Json::array();
    for (const Json& block : result.content) known.push_back(ContentFor(block, revision));
    AppendJson(members, known);
  } else {
    AppendJson(members, result.content);
  }
  if (result.structured && KnowsStructured(*result.structured, revision)) {
    members += R"(,"structuredContent":)";
    AppendJson(members, *result.structured);
  }
  if (result.is_error) members += R"(,"isError":true)";
  return members;
}

}  // namespace mcpgate
