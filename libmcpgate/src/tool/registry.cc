#include "mcpgate/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "tool/catalog.h"

namespace mcpgate {
namespace {

// One list as its owner sees it: what is not enabled keeps its place.
template <typename Entry>
class Shelf {
 public:
  absl::Status Add(std::shared_ptr<const Entry> entry) {
    if (Find(entry->key()) != held_.end()) {
      return absl::AlreadyExistsError(fmt::format("\"{}\" is registered already", entry->key()));
    }
    held_.push_back({std::move(entry), true});
    return absl::OkStatus();
  }
  bool Remove(std::string_view key) {
    const auto found = Find(key);
    if (found == held_.end()) return false;
    held_.erase(found);
    return true;
  }
  bool Enable(std::string_view key, bool enabled) {
    const auto found = Find(key);
    if (found == held_.end()) return false;
    found->enabled = enabled;
    return true;
  }
  Section<Entry> Enabled() const {
    typename Section<Entry>::Entries entries;
    for (const Held& held : held_) {
      if (held.enabled) entries.push_back(held.entry);
    }
    return Section<Entry>(std::move(entries));
  }

 private:
  struct Held {
    std::shared_ptr<const Entry> entry;
    bool enabled;
  };
  typename std::vector<Held>::iterator Find(std::string_view key) {
    return std::find_if(held_.begin(), held_.end(),
                        [key](const Held& held) { return held.entry->key() == key; });
  }

  std::vector<Held> held_;
};

// Somebody to be told. Safe for concurrent use.
class Watcher {
 public:
  explicit Watcher(std::function<void(Listed)> changed) : changed_(std::move(changed)) {}

  void Tell(Listed list) {
    {
      MutexLock lock(mutex_);
      if (ended_) return;
      ++telling_;
    }
    changed_(list);
    MutexLock lock(mutex_);
    if (--telling_ == 0) told_.notify_all();
  }
  // Afterwards nothing that `changed` uses is needed any more.
  void End() {
    CondLock lock(mutex_);
    ended_ = true;
    told_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return telling_ == 0; });
  }

 private:
  const std::function<void(Listed)> changed_;
  CondVar told_;
  Mutex mutex_;
  int telling_ MCPGATE_GUARDED_BY(mutex_) = 0;
  bool ended_ MCPGATE_GUARDED_BY(mutex_) = false;
};

}  // namespace

struct Registry::State {
  Mutex mutex;
  Shelf<RegisteredTool> tools MCPGATE_GUARDED_BY(mutex);
  Shelf<RegisteredPrompt> prompts MCPGATE_GUARDED_BY(mutex);
  Shelf<RegisteredResource> resources MCPGATE_GUARDED_BY(mutex);
  Shelf<RegisteredTemplate> templates MCPGATE_GUARDED_BY(mutex);
  std::shared_ptr<const Catalog> catalog MCPGATE_GUARDED_BY(mutex) = std::make_shared<Catalog>();
  std::vector<std::weak_ptr<Watcher>> watchers MCPGATE_GUARDED_BY(mutex);

  // Makes the next catalog, then tells everybody, with no lock held. `change` gets this state under its lock
  // and answers whether to.
  absl::Status Apply(Listed list, const std::function<absl::Status(State&)>& change) {
    std::vector<std::shared_ptr<Watcher>> told;
    {
      MutexLock lock(mutex);
      if (absl::Status status = change(*this); !status.ok()) return status;
      auto next = std::make_shared<Catalog>(*catalog);
      Rebuild(list, *next);
      catalog = std::move(next);
      std::erase_if(watchers, [](const auto& watcher) { return watcher.expired(); });
      for (const auto& watcher : watchers) told.push_back(watcher.lock());
    }
    for (const auto& watcher : told) {
      if (watcher != nullptr) watcher->Tell(list);
    }
    return absl::OkStatus();
  }

  void Rebuild(Listed list, Catalog& next) const MCPGATE_REQUIRES(mutex) {
    switch (list) {
      case Listed::kTools:
        next.tools = tools.Enabled();
        break;
      case Listed::kPrompts:
        next.prompts = prompts.Enabled();
        break;
      case Listed::kResources:
        next.resources = resources.Enabled();
        break;
      case Listed::kTemplates:
        next.templates = templates.Enabled();
        break;
    }
  }

  // Calls `act` with the shelf of `list`.
  template <typename Act>
  bool OnShelf(Listed list, Act act) MCPGATE_REQUIRES(mutex) {
    switch (list) {
      case Listed::kTools:
        return act(tools);
      case Listed::kPrompts:
        return act(prompts);
      case Listed::kResources:
        return act(resources);
      case Listed::kTemplates:
        return act(templates);
    }
    return false;
  }

  template <typename Entry>
  absl::Status Add(Listed list, Shelf<Entry> State::*shelf,
                   absl::StatusOr<std::shared_ptr<const Entry>> made) {
    if (!made.ok()) return made.status();
    return Apply(list, [&](State& state) { return (state.*shelf).Add(*std::move(made)); });
  }
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;
Registry::Registry(Registry&& other) noexcept = default;
Registry& Registry::operator=(Registry&& other) noexcept = default;

absl::Status Registry::Add(Tool tool) {
  return state_->Add(Listed::kTools, &State::tools, RegisteredTool::New(std::move(tool)));
}
absl::Status Registry::Add(Prompt prompt) {
  return state_->Add(Listed::kPrompts, &State::prompts, RegisteredPrompt::New(std::move(prompt)));
}
absl::Status Registry::Add(Resource resource) {
  return state_->Add(Listed::kResources, &State::resources, RegisteredResource::New(std::move(resource)));
}
absl::Status Registry::Add(ResourceTemplate resource_template) {
  return state_->Add(Listed::kTemplates, &State::templates,
                     RegisteredTemplate::New(std::move(resource_template)));
}

absl::Status Registry::Remove(Listed list, std::string_view name) {
  return state_->Apply(list, [&](State& state) MCPGATE_REQUIRES(state.mutex) {
    const bool removed = state.OnShelf(list, [&](auto& shelf) { return shelf.Remove(name); });
    return removed ? absl::OkStatus()
                   : absl::NotFoundError(fmt::format("nothing is registered as \"{}\"", name.substr(0, 200)));
  });
}

absl::Status Registry::SetEnabled(Listed list, std::string_view name, bool enabled) {
  return state_->Apply(list, [&](State& state) MCPGATE_REQUIRES(state.mutex) {
    const bool found = state.OnShelf(list, [&](auto& shelf) { return shelf.Enable(name, enabled); });
    return found ? absl::OkStatus()
                 : absl::NotFoundError(fmt::format("nothing is registered as \"{}\"", name.substr(0, 200)));
  });
}

std::optional<Role> Registry::RoleOf(std::string_view tool) const {
  const auto found = catalog()->tools.Find(tool);
  return found == nullptr ? std::nullopt : std::optional<Role>(found->tool().role);
}

std::shared_ptr<const Catalog> Registry::catalog() const {
  MutexLock lock(state_->mutex);
  return state_->catalog;
}

std::shared_ptr<void> Registry::Watch(std::function<void(Listed)> changed) const {
  auto watcher = std::make_shared<Watcher>(std::move(changed));
  MutexLock lock(state_->mutex);
  state_->watchers.push_back(watcher);
  return {watcher.get(), [watcher](void*) { watcher->End(); }};
}

}  // namespace mcpgate
