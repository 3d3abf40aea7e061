#include <fmt/format.h>

#include <utility>

#include "base/json_events.h"

namespace mcpgate {

// nlohmann keeps the two kinds of integers apart, and what is not negative is unsigned to it.
bool JsonBuilder::Integer(std::int64_t value) {
  if (value >= 0) return Place(static_cast<std::uint64_t>(value));
  return Place(value);
}

bool JsonBuilder::Key(std::string_view name) {
  auto [member, is_new] = open_.back()->emplace(std::string(name), nullptr);
  if (!is_new) {
    problem_ = fmt::format("the member \"{}\" appears twice in one object", name.substr(0, 100));
    return false;
  }
  slot_ = &*member;
  return true;
}

Json* JsonBuilder::Slot(Json&& value) {
  if (open_.empty()) {
    *root_ = std::move(value);
    return root_;
  }
  if (open_.back()->is_array()) {
    open_.back()->push_back(std::move(value));
    return &open_.back()->back();
  }
  *slot_ = std::move(value);
  return slot_;
}

}  // namespace mcpgate
