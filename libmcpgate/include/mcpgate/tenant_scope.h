// File: tenant_scope.h
//
// Whose rows a call may see. Every call that reads or changes what belongs to tenants takes one, so that a
// query across tenants does not compile by accident.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "mcpgate/export.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// TenantScope
///
/// Made from a verified principal, or as the operator of the machine; never from a text that a caller sent.
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT TenantScope {
 public:
  /// The tenant of a principal that `Keyring::Verify` or a Gate answered. Takes nothing that would have to be
  /// converted into one: `Of({.tenant = "acme"})` does not compile.
  template <std::same_as<Principal> Verified>
  static TenantScope Of(const Verified& principal) {
    return TenantScope(principal.tenant, false);
  }
  /// Every tenant: for whoever may write the data directory, and for keys that stand for the operator.
  static TenantScope Operator() { return TenantScope({}, true); }

  bool is_operator() const { return is_operator_; }
  bool Covers(std::string_view tenant) const { return is_operator_ || tenant == tenant_; }
  /// The one tenant; empty for the operator.
  const std::string& tenant() const { return tenant_; }

 private:
  TenantScope(std::string tenant, bool is_operator) : tenant_(std::move(tenant)), is_operator_(is_operator) {}

  std::string tenant_;
  bool is_operator_;
};

}  // namespace mcpgate
