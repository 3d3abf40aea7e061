#include "server/hub.h"

#include <algorithm>
#include <utility>

#include "protocol/access.h"
#include "protocol/message.h"
#include "server/session.h"

namespace mcpgate {
namespace {

constexpr char kSubscriptionId[] = "io.modelcontextprotocol/subscriptionId";

std::string_view MethodOf(ServerEvent::Kind kind) {
  switch (kind) {
    case ServerEvent::Kind::kToolsChanged:
      return "notifications/tools/list_changed";
    case ServerEvent::Kind::kPromptsChanged:
      return "notifications/prompts/list_changed";
    case ServerEvent::Kind::kResourcesChanged:
      return "notifications/resources/list_changed";
    case ServerEvent::Kind::kResourceUpdated:
      break;
  }
  return "notifications/resources/updated";
}

Json ParamsOf(const ServerEvent& event) {
  Json params = Json::object();
  if (event.kind == ServerEvent::Kind::kResourceUpdated) params["uri"] = event.uri;
  return params;
}

}  // namespace

bool ListenFilter::Covers(const ServerEvent& event) const {
  switch (event.kind) {
    case ServerEvent::Kind::kToolsChanged:
      return tools;
    case ServerEvent::Kind::kPromptsChanged:
      return prompts;
    case ServerEvent::Kind::kResourcesChanged:
      return resources;
    case ServerEvent::Kind::kResourceUpdated:
      break;
  }
  return uris.contains(event.uri);
}

Json ListenFilter::ToJson() const {
  Json told = Json::object();
  if (tools) told["toolsListChanged"] = true;
  if (prompts) told["promptsListChanged"] = true;
  if (resources) told["resourcesListChanged"] = true;
  if (!uris.empty()) told["resourceSubscriptions"] = uris;
  if (!tasks_by_id.empty()) told["taskIds"] = tasks_by_id;
  return told;
}

bool Listener::Tell(std::string_view method, Json params) {
  params["_meta"][kSubscriptionId] = options_.id;
  MutexLock lock(mutex_);
  return !finished_ && options_.reply->Notify(NotificationMessage(method, DumpJson(params)));
}

std::string Listener::Acknowledgment() const {
  const Json params = {{"notifications", options_.filter.ToJson()},
                       {"_meta", {{kSubscriptionId, options_.id}}}};
  return NotificationMessage("notifications/subscriptions/acknowledged", DumpJson(params));
}

void Listener::Finish(ServerAnswer answer) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(finished_, true)) return;
  }
  if (options_.session != nullptr) options_.session->Answer(options_.id);
  options_.reply->Finish(std::move(answer));
  if (options_.session != nullptr) options_.session->Leave();
}

Hub::~Hub() { EndAll(nullptr); }

Hub::Entry Hub::Add(const std::shared_ptr<Listener>& listener) {
  bool hears = false;
  {
    // The acknowledgement is the first message (subscriptions, "Acknowledgment"): no event may overtake it.
    MutexLock first(listener->mutex_);
    if (!Enter(listener)) return Entry::kFull;
    hears = listener->options_.reply->Notify(listener->Acknowledgment());
  }
  if (!hears) {
    Take([&](const Listener& each) { return &each == listener.get(); });
    return Entry::kDeaf;
  }
  // Runs at once when the client has gone already.
  std::weak_ptr<Listener> weak = listener;
  listener->cancelled_.emplace(listener->options().flight->stop_token(), [this, weak] {
    if (const auto gone = weak.lock()) Drop(gone);
  });
  return Entry::kEntered;
}

bool Hub::Enter(const std::shared_ptr<Listener>& listener) {
  MutexLock lock(mutex_);
  const auto count = count_of_owner_.find(listener->options().owner);
  const std::size_t owned = count == count_of_owner_.end() ? 0 : count->second;
  if (listeners_.size() >= limits_.listens || owned >= limits_.of_key) return false;
  ++count_of_owner_[listener->options().owner];
  listeners_.push_back(listener);
  return true;
}

void Hub::Publish(const ServerEvent& event) {
  const auto told = Which([&](const Listener& each) { return each.options().filter.Covers(event); });
  TellEach(told, MethodOf(event.kind), ParamsOf(event));
}

void Hub::PublishTask(const Task& task) {
  const auto told = Which([&](const Listener& each) {
    return each.options().owner == task.owner() && each.options().filter.tasks_by_id.contains(task.id());
  });
  if (!told.empty()) TellEach(told, "notifications/tasks", task.Describe());
}

std::vector<std::shared_ptr<Listener>> Hub::Which(const std::function<bool(const Listener&)>& which) {
  std::vector<std::shared_ptr<Listener>> found;
  MutexLock lock(mutex_);
  for (const auto& listener : listeners_) {
    if (which(*listener)) found.push_back(listener);
  }
  return found;
}

void Hub::TellEach(const std::vector<std::shared_ptr<Listener>>& told, std::string_view method,
                   const Json& params) {
  for (const auto& listener : told) {
    // A key that was revoked hears nothing more.
    const bool may = gate_.Authenticate(listener->options().credentials).ok();
    if (!may || !listener->Tell(method, params)) Drop(listener);
  }
}

void Hub::EndRefused() {
  for (const auto& listener : Which([](const Listener&) { return true; })) {
    if (IsRefused(gate_, listener->options().credentials)) Drop(listener);
  }
}

std::vector<std::shared_ptr<Listener>> Hub::Take(const std::function<bool(const Listener&)>& which) {
  std::vector<std::shared_ptr<Listener>> taken;
  MutexLock lock(mutex_);
  std::erase_if(listeners_, [&](const std::shared_ptr<Listener>& listener) MCPGATE_REQUIRES(mutex_) {
    if (!which(*listener)) return false;
    const auto count = count_of_owner_.find(listener->options().owner);
    if (--count->second == 0) count_of_owner_.erase(count);
    taken.push_back(listener);
    return true;
  });
  return taken;
}

void Hub::Drop(const std::shared_ptr<Listener>& listener) {
  Take([&](const Listener& each) { return &each == listener.get(); });
  listener->Finish({});
}

void Hub::EndAll(const Session* only) {
  const auto ended =
      Take([only](const Listener& each) { return only == nullptr || each.options().session.get() == only; });
  for (const auto& listener : ended) {
    const Json& id = listener->options().id;
    Json result = Json::object();
    result["resultType"] = "complete";
    result["_meta"] = {{kSubscriptionId, id}, {"io.modelcontextprotocol/serverInfo", identity_.info()}};
    listener->Finish({.message = ResultMessage(id, DumpJson(result))});
  }
}

std::string LegacyNotification(const ServerEvent& event) {
  return NotificationMessage(MethodOf(event.kind), DumpJson(ParamsOf(event)));
}

}  // namespace mcpgate
