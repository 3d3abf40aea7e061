// File: server/batch.h
//
// A JSON-RPC batch, which only revision 2025-03-26 knows: its answers are collected and sent as one array.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/server.h"

namespace mcpgate {

/// Batch
///
/// Hands out one sink per element; when the last has finished, the array of their answers is the batch's
/// answer, and an empty one is no answer at all. Safe for concurrent use.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  Batch(std::size_t elements, std::shared_ptr<ReplySink> reply) : reply_(std::move(reply)), open_(elements) {}
  std::shared_ptr<ReplySink> NewElement();

 private:
  class Element;
  void Add(std::string answer);

  const std::shared_ptr<ReplySink> reply_;
  Mutex mutex_;
  std::size_t open_ MCPGATE_GUARDED_BY(mutex_);
  std::string answers_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
