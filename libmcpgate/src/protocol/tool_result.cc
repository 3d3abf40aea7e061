#include "protocol/tool_result.h"

namespace mcpgate {
namespace {

bool KnowsStructured(const Json& value, Revision revision) {
  if (revision == Revision::k2025_03_26) return false;
  return IsModern(revision) || value.is_object();
}

Json ContentFor2025March(const Json& content) {
  Json known = Json::array();
  for (const Json& block : content) {
    if (StringOr(block, "type", "") != "resource_link") {
      known.push_back(block);
      continue;
    }
    known.push_back({{"type", "text"},
                     {"text", StringOr(block, "name", "resource") + ": " + StringOr(block, "uri", "")}});
  }
  return known;
}

}  // namespace

std::string ToolResultMembers(const ToolResult& result, Revision revision) {
  std::string members = R"("content":)";
  AppendJson(members,
             revision == Revision::k2025_03_26 ? ContentFor2025March(result.content) : result.content);
  if (result.structured && KnowsStructured(*result.structured, revision)) {
    members += R"(,"structuredContent":)";
    AppendJson(members, *result.structured);
  }
  if (result.is_error) members += R"(,"isError":true)";
  return members;
}

}  // namespace mcpgate
