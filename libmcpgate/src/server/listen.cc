#include "server/listen.h"

#include <utility>

#include "protocol/access.h"
#include "protocol/capabilities.h"

namespace mcpgate {
namespace {

// The caller's own tasks among those it names.
std::optional<Rejection> AddTasks(const Json& asked, const Request& request, const Principal& principal,
                                  TaskTable& tasks, std::size_t most, ListenFilter& filter) {
  const Json* ids = FindMember(asked, "taskIds");
  if (ids == nullptr) return std::nullopt;
  if (!KnowsTasks(*request.capabilities)) {
    return Rejection(ErrorCode::kMissingCapability, "taskIds need the extension, declared on this request",
                     {{"requiredCapabilities", TasksCapability()}});
  }
  if (!ids->is_array() || ids->size() > most) {
    return Rejection(ErrorCode::kInvalidParams, "params.notifications.taskIds must be a list of at most " +
                                                    std::to_string(most) + " ids");
  }
  for (const Json& id : *ids) {
    const std::string* text = id.get_ptr<const std::string*>();
    if (text != nullptr && tasks.Knows(*text, principal)) filter.tasks_by_id.insert(*text);
  }
  return std::nullopt;
}

}  // namespace

std::variant<ListenFilter, Rejection> ReadListenFilter(const Surroundings& around, const Catalog& catalog,
                                                       TaskTable& tasks, const Request& request,
                                                       const Principal& principal, std::size_t max_uris) {
  const Json* asked = FindObject(request.params, "notifications");
  if (asked == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.notifications must be an object");
  const bool has_resources = !catalog.resources.entries().empty() || !catalog.templates.entries().empty();
  ListenFilter filter{
      .tools = BoolOr(*asked, "toolsListChanged", false),
      .prompts = BoolOr(*asked, "promptsListChanged", false) && !catalog.prompts.entries().empty(),
      .resources = BoolOr(*asked, "resourcesListChanged", false) && has_resources};
  if (auto bad = AddTasks(*asked, request, principal, tasks, max_uris, filter)) return *std::move(bad);
  const Json* uris = FindMember(*asked, "resourceSubscriptions");
  if (uris == nullptr) return filter;
  if (!uris->is_array() || uris->size() > max_uris) {
    return Rejection(ErrorCode::kInvalidParams,
                     "params.notifications.resourceSubscriptions must be a list of at most " +
                         std::to_string(max_uris) + " addresses");
  }
  for (const Json& uri : *uris) {
    const std::string* text = uri.get_ptr<const std::string*>();
    if (text == nullptr) {
      return Rejection(ErrorCode::kInvalidParams,
                       "params.notifications.resourceSubscriptions must hold strings");
    }
    if (MayRead(around.gate, catalog, principal, *text)) filter.uris.insert(*text);
  }
  return filter;
}

}  // namespace mcpgate
