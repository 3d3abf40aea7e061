// File: storage/sqlite/function_request.h
//
// A change that is one function.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

class FunctionRequest : public WriteRequest {
 public:
  explicit FunctionRequest(std::function<absl::Status()> apply) : apply_(std::move(apply)) {}
  absl::Status Apply() override { return apply_(); }

 private:
  const std::function<absl::Status()> apply_;
};

/// As GroupWriter::Write. `apply` may be called after a caller has given up, so it shares what it fills.
inline absl::Status WriteBy(GroupWriter& writer, std::function<absl::Status()> apply) {
  return writer.Write(std::make_shared<FunctionRequest>(std::move(apply)));
}

}  // namespace mcpgate::sqlite
