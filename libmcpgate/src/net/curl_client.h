// File: net/curl_client.h
//
// HTTP over libcurl. TLS 1.2 or newer with verification, no redirects, no cookies, http and https only.
#pragma once

#include <cstddef>
#include <memory>

#include "mcpgate/export.h"
#include "net/http_client.h"

namespace mcpgate::net {

struct CurlClientOptions {
  std::size_t max_in_flight = 64;  ///< exchanges at once; beyond it Send refuses
  long max_connections = 16;       ///< to all hosts together; further exchanges wait for one
  std::size_t max_header_bytes = 64u << 10;
};
/// Costs nothing until the first Send: libcurl and the one thread that serves all exchanges start then.
/// Must outlive its Sends.
MCPGATE_EXPORT std::unique_ptr<HttpClient> NewCurlClient(CurlClientOptions options = {});

}  // namespace mcpgate::net
