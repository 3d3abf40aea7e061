#include "mcpgate/registry.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "tool/registered_tool.h"

namespace mcpgate {

struct Registry::Index {
  std::vector<std::shared_ptr<const RegisteredTool>> in_order;
  std::map<std::string, const RegisteredTool*, std::less<>> by_name;
};

Registry::Registry() : index_(std::make_unique<Index>()) {}
Registry::~Registry() = default;
Registry::Registry(Registry&& other) noexcept = default;
Registry& Registry::operator=(Registry&& other) noexcept = default;

absl::Status Registry::Add(Tool tool) {
  auto registered = RegisteredTool::New(std::move(tool));
  if (!registered.ok()) return registered.status();
  const std::string& name = (*registered)->tool().name;
  if (!index_->by_name.emplace(name, registered->get()).second) {
    return absl::AlreadyExistsError(fmt::format("a tool named \"{}\" is registered already", name));
  }
  index_->in_order.push_back(*std::move(registered));
  return absl::OkStatus();
}

const std::vector<std::shared_ptr<const RegisteredTool>>& Registry::tools() const { return index_->in_order; }

const RegisteredTool* Registry::Find(std::string_view name) const {
  const auto found = index_->by_name.find(name);
  return found == index_->by_name.end() ? nullptr : found->second;
}

}  // namespace mcpgate
