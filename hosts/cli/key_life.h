// File: cli/key_life.h
//
// mcpgate keys update | disable | enable | rotate | finish | undo | import | expiring.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/keys.h"

namespace mcpgate::hosts {

/// Empty texts and lists that were not given change nothing.
struct UpdateKeyOptions {
  std::string data, id;
  std::string name, role, expires;
  std::vector<std::string> channels, resources, allow_tools, deny_tools, networks;
  std::string metadata;
  bool any_network = false;
  bool tools_given = false, reach_given = false;  ///< the lists stand for what the key has, even when empty
};
struct RotateKeyOptions {
  std::string data, id;
  std::string overlap = "24h";
  std::string key_file;
};
struct ImportKeyOptions {
  std::string data;
  KeyWish wish;
  std::string token_file;  ///< mode 0600
  std::string sha256;
};
struct ExpiringOptions {
  std::string data;
  std::string within = "14d";
};

int UpdateKey(const Console& console, const UpdateKeyOptions& options);
int DisableKey(const Console& console, const OneKeyOptions& options);
int EnableKey(const Console& console, const OneKeyOptions& options);
int RotateKey(const Console& console, const RotateKeyOptions& options);
int FinishKey(const Console& console, const OneKeyOptions& options);
int UndoKey(const Console& console, const OneKeyOptions& options);
int ImportKey(const Console& console, const ImportKeyOptions& options);
int ShowExpiring(const Console& console, const ExpiringOptions& options);

}  // namespace mcpgate::hosts
