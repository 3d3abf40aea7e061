// File: common/bounds.h
//
// What the library bounds, as an operator sets it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mcpgate/clock.h"

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

struct SharedOptions;

/// One setting. `value` is where it goes, and holds what it is when nobody says anything.
struct Bound {
  enum class Unit { kCount, kBytes, kTime };
  std::string_view name;  ///< of the option and of the file's member: "max-tasks"
  std::string help;
  std::variant<std::size_t*, Nanos*> value;
  Unit unit = Unit::kCount;
  std::size_t least = 1, most = std::size_t{1} << 40;  ///< of a count or of bytes
  Nanos longest = std::chrono::hours(24 * 365);        ///< beyond it sums of times could overflow
  bool may_be_off = false;                             ///< of a time: "off" is zero
  bool is_for_all = true;                              ///< MCPGATE_MAX_TASKS, not MCPGATE_HTTP_MAX_TASKS
};

/// What every host that serves has: calls, questions, tasks. `options` outlives the result.
std::vector<Bound> ServerBounds(SharedOptions& options);

/// An option and a variable for each, in a group of their own. What `bounds` point to outlives the parse.
void DeclareBounds(CLI::App& app, const std::vector<Bound>& bounds);

/// As it would be written on the command line: "100", "4MiB", "30s", "off".
std::string ValueText(const Bound& bound);

}  // namespace mcpgate::hosts
