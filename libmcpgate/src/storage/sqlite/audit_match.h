// File: storage/sqlite/audit_match.h
//
// Which stored records a query means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/audit_trail.h"

namespace mcpgate::sqlite {

/// AuditMatch
///
/// Most rows of a filtered read do not fit, so each is looked at as text before it is parsed. Immutable; safe
/// for concurrent use.
class AuditMatch {
 public:
  AuditMatch(const TenantScope& scope, const AuditQuery& query);
  bool Fits(std::string_view body) const;
  /// Scope and filters as one text; queries that mean the same records have the same.
  std::string Identity() const;

 private:
  struct Member {
    std::string name, value;
    std::string mark;  ///< as it stands in a body
  };
  void Want(std::string name, const std::optional<std::string>& value);
  bool MayFit(std::string_view body) const;
  bool TimeFits(std::string_view body) const;

  std::vector<Member> members_;
  std::string action_, text_, text_mark_;  ///< empty: any
  std::string from_, until_;
};

}  // namespace mcpgate::sqlite
