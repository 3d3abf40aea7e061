// File: common/static_keys.h
//
// Keys that stand in no store: in MCPGATE_API_KEYS, or in the file that MCPGATE_API_KEYS_FILE names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/log.h"
#include "mcpgate/key_store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

/// What each of them may.
struct StaticKeyOptions {
  std::string role = "reader";
  std::vector<std::string> resources;  ///< by name or pattern, "discord:channel:*"
  bool operator==(const StaticKeyOptions&) const = default;
};
/// Each is an environment variable too. `options` outlives the parse.
void DeclareStaticKeys(CLI::App& app, StaticKeyOptions& options);

/// StaticKeySource
///
/// Reads them at the start, and again from the file whenever it is asked. Not thread-safe.
class StaticKeySource {
 public:
  /// Takes the variable out of the environment. Call before threads are started.
  absl::Status Take();
  /// Those of the variable, or else of the file: one in each line, or commas between. InvalidArgument or
  /// FailedPrecondition when the file cannot be used or there is a placeholder among them.
  absl::StatusOr<std::vector<StaticKey>> Read(const StaticKeyOptions& options) const;

 private:
  std::optional<Secret> variable_;
  std::string file_;
};

/// Accepts them from now on, and tells of each when it was last used, so that it can be seen which one nobody
/// needs any more.
absl::Status UseStaticKeys(Keyring& keyring, KeyStore& store, const std::vector<StaticKey>& keys,
                           const Log& log);

}  // namespace mcpgate::hosts
