// File: http/observer.h
//
// Stands before everything else: finds out who asks, counts, and writes the access log.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/access_log.h"
#include "http/address.h"
#include "http/traffic.h"
#include "mcpgate/http.h"

namespace mcpgate::hosts {

/// Where what was observed goes.
struct Observations {
  Traffic traffic;
  AccessLog log;
  explicit Observations(bool log_on) : log(log_on) {}
};

/// `next` sees `request.peer` as the client's address, also behind a trusted proxy.
std::shared_ptr<HttpHandler> NewObserver(std::shared_ptr<Observations> into, std::string mcp_path,
                                         std::vector<IpNetwork> trusted_proxies,
                                         std::shared_ptr<HttpHandler> next);

/// The public id in the key that a request shows, "mcpg_k_<id>_...". Empty when there is none, or it is
/// malformed.
std::string KeyIdOf(const HttpRequest& request);

}  // namespace mcpgate::hosts
