// File: protocol/input_state.h
//
// What a call of the 2026 era remembers between its rounds. It travels through the client as `requestState`,
// sealed: whoever holds it can neither read nor change it, nor use it for another call.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"
#include "mcpgate/secret.h"
#include "protocol/request.h"

namespace mcpgate {

struct InputState {
  std::string nonce{};                                 ///< of the round
  std::map<std::string, Json, std::less<>> answers{};  ///< of earlier rounds
  std::set<std::string, std::less<>> asked{};          ///< in the last round
};

/// What a state belongs to: the caller, the method and all its parameters but the answers. `arguments` is the
/// target's text of what it took from them.
std::string InputBinding(const Principal& principal, const Request& request, std::string_view arguments);

/// InputSealer
///
/// Safe for concurrent use.
class InputSealer {
 public:
  /// The first key seals, all open. Each has 32 bytes.
  InputSealer(std::vector<Secret> keys, Nanos lifetime, const Clock& clock);

  /// nullopt when it would be longer than a client should carry (64 KiB).
  std::optional<std::string> Seal(std::string_view binding, const InputState& state) const;
  /// nullopt when it was not sealed here, belongs to another call or has expired.
  std::optional<InputState> Open(std::string_view binding, std::string_view sealed) const;
  /// False when the round of that nonce was used up before, so that an answer is not used for two effects;
  /// remembered by this process until its state has expired.
  bool UseUp(const std::string& nonce);
  static std::string NewNonce();

 private:
  std::int64_t NowSeconds() const;

  const std::vector<Secret> keys_;
  const Nanos lifetime_;
  const Clock& clock_;
  Mutex mutex_;
  // Nonce to the second it may be forgotten.
  std::unordered_map<std::string, std::int64_t> used_ MCPGATE_GUARDED_BY(mutex_);
};

/// What is wrong with an answer; nullopt when it is one to this question.
std::optional<std::string> ProblemOfAnswer(const InputRequest& request, const Json& answer);

}  // namespace mcpgate
