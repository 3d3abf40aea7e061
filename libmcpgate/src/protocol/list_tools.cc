#include "protocol/list_tools.h"

#include <fmt/format.h>

#include "protocol/cursor.h"
#include "tool/registered_tool.h"

namespace mcpgate {
namespace {

constexpr char kList[] = "tools/list";
// How long a client may keep a page. It is private: what a key sees is what it may call.
constexpr int kListTtlMs = 60'000;

ToolListing ListingFor(Revision revision) {
  if (IsModern(revision)) return ToolListing::k2026;
  return revision == Revision::k2025_03_26 ? ToolListing::k2025_03 : ToolListing::k2025_06;
}

// Index of the first tool after the cursor's. The cursor names a tool, so it survives a list that grew.
std::variant<std::size_t, Rejection> StartOf(const Surroundings& around, const Request& request) {
  const Json* cursor = FindMember(request.params, "cursor");
  if (cursor == nullptr) return std::size_t{0};
  const std::string* text = cursor->get_ptr<const std::string*>();
  const std::optional<std::string> name = text ? OpenCursor(around.cursor_key, kList, *text) : std::nullopt;
  const auto& tools = around.registry->tools();
  for (std::size_t i = 0; name && i < tools.size(); ++i) {
    if (tools[i]->tool().name == *name) return i + 1;
  }
  return Rejection(ErrorCode::kInvalidParams,
                   "params.cursor is not a cursor of this list; start again without one");
}

}  // namespace

std::variant<std::string, Rejection> ListTools(const Surroundings& around, const Request& request,
                                               const Principal& principal) {
  auto start = StartOf(around, request);
  if (auto* rejection = std::get_if<Rejection>(&start)) return std::move(*rejection);
  const ToolListing form = ListingFor(request.revision);
  std::string members = R"("tools":[)";
  std::size_t listed = 0;
  std::string_view last;
  bool more = false;
  const auto& tools = around.registry->tools();
  for (std::size_t i = std::get<std::size_t>(start); i < tools.size(); ++i) {
    const RegisteredTool& tool = *tools[i];
    if (!around.gate.Permits(principal, tool.tool().name, tool.tool().role)) continue;
    if (listed == around.page_size) {
      more = true;
      break;
    }
    if (listed++ > 0) members += ',';
    members += tool.Listing(form);
    last = tool.tool().name;
  }
  members += ']';
  if (more) members += fmt::format(R"(,"nextCursor":"{}")", SealCursor(around.cursor_key, kList, last));
  if (IsModern(request.revision)) members += fmt::format(R"(,"ttlMs":{},"cacheScope":"private")", kListTtlMs);
  return around.identity.Result(request.revision, members);
}

}  // namespace mcpgate
