// File: http/config_file.h
//
// A configuration file: one JSON object, comments allowed, whose members are named like the options.
//
//   {
//     "listen": "0.0.0.0:443",          // the same as --listen
//     "tls-cert": "/etc/mcpgate/tls.pem",
//     "allow-host": ["mcp.example.com"]
//   }
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

/// One member, as text that an option takes.
struct ConfigSetting {
  std::string name;
  std::vector<std::string> values;  ///< one; for an array any number
  int line = 0;                     ///< where the member begins, from 1
};

/// The members of `text` in order of their lines. InvalidArgument: "line 3: ...".
absl::StatusOr<std::vector<ConfigSetting>> ParseConfig(std::string_view text);

/// The same for a file of at most 1 MiB; the message begins with its name: "gate.json:3: ...".
absl::StatusOr<std::vector<ConfigSetting>> ReadConfigFile(const std::string& path);

}  // namespace mcpgate::hosts
