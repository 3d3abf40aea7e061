// File: token_files.h
//
// Sessions handed to clients as files: minted and written together, or neither, whatever ends the process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/key_admin.h"

namespace mcpgate {

struct TokenFilesOptions {
  std::string directory{};    ///< "<data>/mcp-tokens"; made with mode 0700 when missing
  KeyAdmin* admin = nullptr;  ///< outlives it
  bool repair = true;         ///< false: leaves what was begun by a process that died to the next one
};

struct ProvisionedToken {
  IssuedKey session{};
  std::string path{};  ///< the file that holds the token, mode 0600
  std::string name{};  ///< of the file, without directory and suffix: "claude-desktop", "claude-desktop-2"
};

/// A part of a sweep.
struct TokenSweep {
  std::string after{};     ///< go on after what `SweptTokens::next` said
  std::size_t most = 100;  ///< files looked at
  bool dry_run = false;
};
struct SweptTokens {
  std::vector<std::string> files{};  ///< names of those that were removed, or would be
  std::string next{};                ///< empty: that was all
};

/// TokenFiles
///
/// Processes on one directory take turns by a lock file in it. Safe for concurrent use.
class MCPGATE_EXPORT TokenFiles {
 public:
  /// Finishes what a process that died had begun: a session without its file is revoked, a file without its
  /// session removed. FailedPrecondition when the directory is not one, or others can reach it.
  static absl::StatusOr<std::unique_ptr<TokenFiles>> New(TokenFilesOptions options);
  virtual ~TokenFiles() = default;

  /// Mints the session and writes its token into a new file that is called after `label` ("Claude Desktop"
  /// becomes claude-desktop.token). The errors of `KeyAdmin::MintSession`; Unavailable when the file cannot
  /// be written, and then there is no session either.
  virtual absl::StatusOr<ProvisionedToken> Provision(const TenantScope& scope, const SessionRequest& session,
                                                     std::string_view label) = 0;
  /// Removes the files of sessions that are live no more; answers how many. Others get their turn between
  /// its parts.
  virtual absl::StatusOr<int> Sweep() = 0;
  virtual absl::StatusOr<SweptTokens> SweepSome(const TokenSweep& sweep) = 0;
};

/// `text` as a part of a file name: 1 to 40 of [a-z0-9-], "client" when nothing is left of it.
MCPGATE_EXPORT std::string Slug(std::string_view text);

}  // namespace mcpgate
