// File: budget.h
//
// What a call may spend. The gate reserves before the call and settles after it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"

namespace mcpgate {

struct BudgetDecision {
  bool allowed = true;
  std::uint64_t reservation = 0;  ///< hand back to Settle; 0: nothing was reserved
  std::string reason{};           ///< when refused, for the caller
};

/// Budget
///
/// Safe for concurrent use. Units are the implementation's own (calls, tokens, nano-dollars).
class MCPGATE_EXPORT Budget {
 public:
  virtual ~Budget() = default;
  /// Sets `cost` aside for one call. A *no* is data; a Status is a store that did not answer (the call is
  /// refused).
  virtual absl::StatusOr<BudgetDecision> Reserve(const Principal& principal, std::string_view action,
                                                 std::int64_t cost) = 0;
  /// Ends a reservation: `spent` is what the call did cost, 0 when it did nothing.
  virtual void Settle(std::uint64_t reservation, std::int64_t spent) = 0;
};

}  // namespace mcpgate
