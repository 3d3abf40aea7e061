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

/// LimitBook
///
/// The limits of one gate, each with the policies that its overrides come to. Immutable, and stays where it
/// is: charges and receipts point into it.
class LimitBook {
 public:
  explicit LimitBook(const std::vector<LimitPolicy>& limits);
  LimitBook(const LimitBook&) = delete;
  LimitBook& operator=(const LimitBook&) = delete;

  struct Entry {
    const LimitPolicy* policy = nullptr;    ///< the limit as it was given
    std::vector<LimitPolicy> overridden{};  ///< one for each of its overrides, in their order
  };
  std::span<const Entry> entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// ChargeSheet
///
/// The charges of one call. Views the book, the principal and the names it was made from. Not thread-safe.
class ChargeSheet {
 public:
  ChargeSheet(const LimitBook& limits, const Principal& principal, std::string_view name,
              std::string_view limit_class, std::int64_t cost);
  ChargeSheet(const ChargeSheet&) = delete;  // charges view its texts
  ChargeSheet& operator=(const ChargeSheet&) = delete;

  /// Of limits in force.
  std::span<const LimitCharge> charges() const { return {charges_.data(), size_}; }
  /// Of limits in shadow mode.
  std::span<const LimitCharge> shadows() const { return std::span(charges_).last(shadows_); }

 private:
  std::string_view WithinTenant(const Principal& principal, std::string_view kind, std::string_view id);
  std::string_view PartitionOf(LimitScope scope, const Principal& principal, std::string_view name);

  std::array<LimitCharge, kMaxLimits> charges_;  // shadows from behind
  std::size_t size_ = 0, shadows_ = 0;
  std::string key_and_tool_, team_, principal_;
};

/// InvalidArgument when a limit is malformed, two share a name, or there are too many.
absl::Status CheckLimits(const std::vector<LimitPolicy>& limits);

}  // namespace mcpgate
