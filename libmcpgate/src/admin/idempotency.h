// File: admin/idempotency.h
//
// The answers to repeated requests: a client that lost an answer asks again with the same Idempotency-Key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/http_message.h"
#include "mcpgate/secret.h"

namespace mcpgate::admin {

/// AnswerMemory
///
/// In this process's memory, for ten minutes, a thousand at most. Answers are kept as secrets: a new key's is
/// one. Safe for concurrent use.
class AnswerMemory {
 public:
  enum class Known {
    kNo,        ///< go on, then call Remember or Forget
    kAnswered,  ///< `answer` is what was said
    kRunning,   ///< the first is still under way
    kOther,     ///< the same key came with another request
    kFull,      ///< a thousand are under way
  };
  struct Found {
    Known known = Known::kNo;
    std::optional<HttpResponse> answer{};
  };

  explicit AnswerMemory(const Clock& clock) : clock_(clock) {}

  /// `request` is what the key stands for, whole: a repetition must be equal to it.
  Found Begin(const std::string& key, const std::string& request);
  void Remember(const std::string& key, const HttpResponse& answer);
  /// Nothing was done, so the key is free again.
  void Forget(const std::string& key);

 private:
  struct Entry {
    std::string request;
    Nanos until{0};
    bool is_running = true;
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers{};
    Secret body{};
  };
  bool MakeRoom() MCPGATE_REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Entry> entries_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::admin
