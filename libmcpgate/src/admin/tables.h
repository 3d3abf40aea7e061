// File: admin/tables.h
//
// The endpoints by chapter. Each chapter adds its rows and the schemas of its answers.
#pragma once

#include "admin/endpoint.h"
#include "mcpgate/admin.h"

namespace mcpgate::admin {

/// What endpoints work on. All of it outlives the table.
struct Backends {
  Gate* gate = nullptr;
  Keyring* keyring = nullptr;
  AuditTrail* trail = nullptr;
  const Clock* clock = &Clock::System();
};

void AddCallerEndpoints(const Backends& backends, Api& api);
void AddLogInEndpoints(const Backends& backends, Api& api);
void AddKeyEndpoints(const Backends& backends, Api& api);
void AddRotationEndpoints(const Backends& backends, Api& api);
void AddSessionEndpoints(const Backends& backends, Api& api);
void AddPeopleEndpoints(const Backends& backends, Api& api);
void AddAuditEndpoints(const Backends& backends, Api& api);
void AddLimitEndpoints(const Backends& backends, Api& api);

/// All of them.
Api MakeApi(const Backends& backends);

}  // namespace mcpgate::admin
