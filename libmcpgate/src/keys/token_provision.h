// The steps of TokenFiles, and what is done about those that were the last of a process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "keys/private_files.h"
#include "mcpgate/token_files.h"

namespace mcpgate {

/// TokenProvision
///
///   1 an intent, which names the parent and the file      .intent-NAME
///   2 the session, disabled, which names the file          a row
///   3 the token                                            .draft-NAME, then linked to NAME
///   4 the session enabled
///   5 the intent removed
///
/// Up to 4 a crash ends in nothing, from then on in a session with its file. Each is durable before the next.
/// Call with the lock of `files` held. Not thread-safe.
class TokenProvision {
 public:
  /// `after` is told each step once it is done, in words; tests end the process there.
  using After = std::function<void(std::string_view step)>;
  TokenProvision(PrivateFiles& files, KeyAdmin& admin, After after = {})
      : files_(files), admin_(admin), after_(std::move(after)) {}

  absl::StatusOr<ProvisionedToken> Run(const TenantScope& scope, SessionRequest session,
                                       std::string_view label);
  absl::Status Recover();
  absl::StatusOr<SweptTokens> Sweep(const TokenSweep& sweep);

 private:
  absl::StatusOr<std::string> FreshName(std::string_view label) const;
  absl::Status WriteToken(const std::string& name, const Secret& token);
  absl::Status Enable(const TenantScope& scope, const std::string& name, const IssuedKey& session);
  void GiveUp(const TenantScope& scope, const std::string& name, const std::string& session);
  absl::Status RecoverOne(const std::string& name, const std::string& parent);
  absl::StatusOr<bool> IsOfLiveSession(const std::string& file) const;
  absl::StatusOr<bool> HasLiveKey(const std::string& family) const;
  void Done(std::string_view step) const {
    if (after_) after_(step);
  }

  PrivateFiles& files_;
  KeyAdmin& admin_;
  const After after_;
};

}  // namespace mcpgate
