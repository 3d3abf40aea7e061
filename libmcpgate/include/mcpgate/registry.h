// File: registry.h
//
// What a server offers: tools, prompts, resources. Names, schemas and templates are checked here, once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"
#include "mcpgate/prompt.h"
#include "mcpgate/resource.h"
#include "mcpgate/tool.h"

namespace mcpgate {

/// Everything offered at one moment, compiled. Immutable.
class Catalog;

enum class Listed { kTools, kPrompts, kResources, kTemplates };

/// Registry
///
/// May change while it is served: calls in flight keep what they began with, and connected clients that asked
/// for it are told. Safe for concurrent use, except for moving.
class MCPGATE_EXPORT Registry {
 public:
  Registry();
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  // InvalidArgument: a bad name, a schema or template that does not compile (the message names keyword and
  // place), no handler. AlreadyExists: the name or address is taken.
  absl::Status Add(Tool tool);
  absl::Status Add(Prompt prompt);
  absl::Status Add(Resource resource);
  absl::Status Add(ResourceTemplate resource_template);
  /// By name, address or template. NotFound when there is none.
  absl::Status Remove(Listed list, std::string_view name);
  /// What is not enabled is neither listed nor served, as if it were removed, but keeps its place.
  absl::Status SetEnabled(Listed list, std::string_view name, bool enabled);

  /// The lowest role that may call the tool; nullopt when there is none of that name.
  std::optional<Role> RoleOf(std::string_view tool) const;
  std::shared_ptr<const Catalog> catalog() const;
  /// Calls `changed` after each change, on the thread that made it, until the returned handle is gone.
  std::shared_ptr<void> Watch(std::function<void(Listed)> changed) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcpgate
