// File: gate/limits.h
//
// Which limits rule which call.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/principal.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {

/// At most this many limits on one gate; a call's charges fit on the stack.
inline constexpr std::size_t kMaxLimits = 16;

/// ChargeSheet
///
/// The charges of one call. Views the principal and the names it was made from. Not thread-safe.
class ChargeSheet {
 public:
  ChargeSheet(const std::vector<LimitPolicy>& limits, const Principal& principal, std::string_view name,
              std::string_view limit_class, std::int64_t cost);
  ChargeSheet(const ChargeSheet&) = delete;  // charges view key_and_tool_
  ChargeSheet& operator=(const ChargeSheet&) = delete;

  std::span<const LimitCharge> charges() const { return {charges_.data(), size_}; }

 private:
  std::string_view PartitionOf(LimitScope scope, const Principal& principal, std::string_view name);

  std::array<LimitCharge, kMaxLimits> charges_;
  std::size_t size_ = 0;
  std::string key_and_tool_;
};

/// InvalidArgument when a limit is malformed, two share a name, or there are too many.
absl::Status CheckLimits(const std::vector<LimitPolicy>& limits);

}  // namespace mcpgate
