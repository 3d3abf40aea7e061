// File: http/bootstrap_offer.h
//
// The file by which whoever can read the data directory becomes the first administrator.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "mcpgate/key_admin.h"

namespace mcpgate::hosts {

/// Where the file is, in this data directory.
std::string BootstrapFile(const std::string& data_directory);

/// Puts a bootstrap token into the file, mode 0600, when the store has no keys. Answers its path, also of one
/// that was put there less than 30 minutes ago; empty when there are keys.
absl::StatusOr<std::string> OfferBootstrap(KeyAdmin& keys, const std::string& data_directory);

/// Removes the file: the token was spent.
void WithdrawBootstrap(const std::string& data_directory);

}  // namespace mcpgate::hosts
