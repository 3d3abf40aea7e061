// File: registry.h
//
// The tools of a server. Build it, then hand it to a Server; names and schemas are checked here, once.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/export.h"
#include "mcpgate/tool.h"

namespace mcpgate {

class RegisteredTool;

/// Registry
///
/// Not thread-safe while tools are added; safe for concurrent reads afterwards.
class MCPGATE_EXPORT Registry {
 public:
  Registry();
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  /// InvalidArgument: a bad name, a schema that does not compile (the message names keyword and place), no
  /// handler. AlreadyExists: the name is taken.
  absl::Status Add(Tool tool);

  /// In the order they were added; that is also the order of tools/list.
  const std::vector<std::shared_ptr<const RegisteredTool>>& tools() const;
  /// nullptr when there is no such tool.
  const RegisteredTool* Find(std::string_view name) const;

 private:
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace mcpgate
