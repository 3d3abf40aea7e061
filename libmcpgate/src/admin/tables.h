// File: admin/tables.h
//
// The endpoints by chapter. Each chapter adds its rows and the schemas of its answers.
#pragma once

#include "admin/endpoint.h"
#include "admin/tickets.h"
#include "mcpgate/admin.h"

namespace mcpgate::admin {

/// What endpoints work on. All of it outlives the table.
struct Backends {
  Gate* gate = nullptr;
  Keyring* keyring = nullptr;
  AuditTrail* trail = nullptr;
  Ledger* ledger = nullptr;            ///< null: no budgets
  const Registry* registry = nullptr;  ///< null: nothing is known of tools
  TokenDelivery tokens{};
  AuditSink* bootstrap_audit = nullptr;
  std::function<void()> on_bootstrap{};
  Tickets* tickets = nullptr;
  const Clock* clock = &Clock::System();
};

void AddCallerEndpoints(const Backends& backends, Api& api);
void AddLogInEndpoints(const Backends& backends, Api& api);
void AddKeyEndpoints(const Backends& backends, Api& api);
void AddBootstrapEndpoint(const Backends& backends, Api& api);
void AddRotationEndpoints(const Backends& backends, Api& api);
void AddSessionEndpoints(const Backends& backends, Api& api);
void AddPeopleEndpoints(const Backends& backends, Api& api);
void AddAuditEndpoints(const Backends& backends, Api& api);
void AddLimitEndpoints(const Backends& backends, Api& api);

void AddUsageEndpoints(const Backends& backends, Api& api);
/// Last: it knows the actions of all others.
void AddPolicyEndpoints(const Backends& backends, Api& api);

/// All of them.
Api MakeApi(const Backends& backends);

}  // namespace mcpgate::admin
