// File: http/options.h
//
// What mcpgate-http is told: by options, by environment variables, by a file. An option wins over a variable,
// a variable over the file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/log.h"
#include "http/address.h"
#include "mcpgate/clock.h"
#include "mcpgate/http.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

struct HttpHostOptions {
  std::string config;  ///< the file, empty: none
  std::string data;    ///< as given; empty: the usual place
  ListenAt listen;
  std::string path = "/mcp";
  HttpTls tls;            ///< empty names: plain HTTP
  bool insecure = false;  ///< plain HTTP beyond loopback is wanted
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  std::vector<IpNetwork> trusted_proxies;
  std::string discord_token_file;
  std::string discord_url;
  bool sandbox = false;
  std::chrono::milliseconds sandbox_latency{0};
  std::uint64_t sandbox_seed = 1;
  std::vector<LimitPolicy> limits;
  std::optional<LimitPolicy> address_limit;  ///< requests of one address; nullopt: no limit
  std::optional<LimitPolicy> failure_limit;  ///< refused keys of one address; nullopt: no limit
  bool metrics_open = false;                 ///< for everybody, not only for clients of this machine
  bool access_log = true;
  Nanos grace = std::chrono::seconds(10);
  LogLevel log_level = LogLevel::kWarning;
  bool json = false;
  bool core_dumps = false;
};

/// What the command line asks for: either options, or a text to show and a code to exit with.
struct ParsedHttpOptions {
  HttpHostOptions options;
  std::optional<int> exit_code;
  std::string out;  ///< for standard output (help, version)
  std::string err;  ///< for standard error
};
/// Also reads the file that --config names, each time it is called.
ParsedHttpOptions ParseHttpOptions(int argc, char** argv);

}  // namespace mcpgate::hosts
