// File: storage/sqlite/stored_cell.h
//
// One limit's counter for one partition, as it lies in the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/limit_rules.h"
#include "storage/sqlite/grant_log.h"

namespace mcpgate::sqlite {

/// For how long a process may spend what it has leased. Windows counted through leases are this much longer
/// in the store, so that no window of the policy's own length ever holds more than its limit.
inline constexpr Nanos kLeaseLife = std::chrono::seconds(1);

/// Whether units of this policy are charged to the store in advance and spent from memory.
bool IsLeased(const LimitPolicy& policy);
/// How many units one lease takes, if there are as many.
std::int64_t LeaseSize(const LimitPolicy& policy);

/// StoredCell
///
/// What limit_rules.h does for a cell, with the counter of leases as a further kind, and with cells that were
/// written under an earlier form of the policy. Not thread-safe.
class StoredCell {
 public:
  /// nullopt when `bytes` are not a cell.
  static std::optional<StoredCell> Decode(std::string_view form, std::string_view bytes);
  std::string_view form() const;
  std::string Encode() const;

  /// Before anything else: brings the cell into the policy's form and back to `now`. True when it changed.
  bool Adapt(const LimitPolicy& policy, std::int64_t now);
  LimitVerdict Judge(const LimitPolicy& policy, std::int64_t now, std::int64_t units) const;
  std::int64_t Charge(const LimitPolicy& policy, std::int64_t now, std::int64_t units);
  void Return(const LimitPolicy& policy, std::int64_t now, std::int64_t units, std::int64_t token);
  LimitStanding Standing(const LimitPolicy& policy, std::int64_t now) const;

 private:
  enum class Form : std::uint8_t { kMarks, kRate, kGrants, kSegments };
  static Form FormFor(const LimitPolicy& policy);
  GrantLog AsGrants(const LimitPolicy& policy, std::int64_t now) const;
  void Convert(const LimitPolicy& policy, std::int64_t now);

  Form form_ = Form::kMarks;
  LimitCell cell_;   ///< kMarks, kRate, kSegments
  GrantLog grants_;  ///< kGrants
};

}  // namespace mcpgate::sqlite
