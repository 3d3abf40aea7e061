// File: admin/job.h
//
// A request on its way from the listener's thread to the one that works on it.
#pragma once

#include <optional>
#include <string>

#include "admin/endpoint.h"
#include "admin/request_check.h"
#include "admin/web_socket.h"
#include "mcpgate/gate.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate::admin {

/// An endpoint with its schemas compiled.
struct Row {
  Endpoint endpoint;
  RequestCheck check;
};

/// Everything of a request that outlives the call it came with.
struct Job {
  const Row* row = nullptr;
  RawRequest raw;
  Credentials credentials;
  std::string csrf_token{};  ///< of a browser's session
  std::optional<Handshake> handshake{};
  bool secure = false;
  bool is_passed_on = false;  ///< by somebody who stands between, and whom nobody has vouched for
};

/// Whose rows an admitted caller sees.
TenantScope ScopeOf(const Admission& admission);

}  // namespace mcpgate::admin
