// File: http/options.h
//
// What mcpgate-http is told: by options, by environment variables, by a file. An option wins over a variable,
// a variable over the file.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/bounds.h"
#include "common/shared_options.h"
#include "common/static_keys.h"
#include "http/address.h"
#include "mcpgate/clock.h"
#include "mcpgate/http.h"
#include "mcpgate/rate_limiter.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::hosts {

struct HttpHostOptions : SharedOptions {
  std::string config;  ///< the file, empty: none
  ListenAt listen;
  std::string path = "/mcp";
  HttpTls tls;            ///< empty names: plain HTTP
  bool insecure = false;  ///< plain HTTP beyond loopback is wanted
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  std::vector<IpNetwork> trusted_proxies;
  std::optional<LimitPolicy> address_limit;  ///< requests of one address; nullopt: no limit
  std::optional<LimitPolicy> failure_limit;  ///< refused keys of one address; nullopt: no limit
  StaticKeyOptions static_keys;
  bool admin = true;          ///< the REST service, for keys that may
  bool metrics_open = false;  ///< for everybody, not only for clients of this machine
  bool access_log = true;
  Nanos grace = std::chrono::seconds(10);
  bool json = false;
  bool check = false;             ///< look at the settings, do not serve
  HttpListenerOptions listener;   ///< its bounds; where it listens is above
  StreamableHttpOptions streams;  ///< its bounds
};

struct ParsedHttpOptions : Parsed {
  HttpHostOptions options;
};
/// Also reads the file that --config names, each time it is called.
ParsedHttpOptions ParseHttpOptions(int argc, char** argv);

/// What can be bounded beside ServerBounds: sessions, streams and what is kept of them, connections.
std::vector<Bound> HttpBounds(HttpHostOptions& options);

}  // namespace mcpgate::hosts
