// File: with_key.h
//
// The suite knows no keys, and the gate stays closed without one: this handler shows a key for every client.
#pragma once

#include <memory>

#include "mcpgate/http.h"
#include "mcpgate/secret.h"

namespace mcpgate::conformance {

/// Passes each request on to `inner` as if its client had sent `key` in an Authorization header. For tests
/// alone: it opens `inner` to whoever can connect.
std::shared_ptr<HttpHandler> NewHandlerWithKey(std::shared_ptr<HttpHandler> inner, const Secret& key);

}  // namespace mcpgate::conformance
