// File: fuzz/server.h
//
// A whole server that answers before Handle returns, and an ear that counts what it says.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mcpgate/server.h"
#include "support/served.h"

namespace mcpgate::fuzz {

/// A server with one of each (support/everything.h), whose pooled work runs where it is submitted and whose
/// waits end at once. Made anew from time to time, so that no input grows it without end.
testing::Served& SharedServer();

/// What was said about one message. Not thread-safe.
class Ear final : public ReplySink {
 public:
  bool Notify(std::string message) override;
  void Finish(ServerAnswer answer) override;

  std::size_t finished() const { return finished_; }
  /// Of Finish; "" when there was nothing to say.
  const std::string& answer() const { return answer_; }

 private:
  std::string answer_;
  std::size_t finished_ = 0;
};

}  // namespace mcpgate::fuzz
