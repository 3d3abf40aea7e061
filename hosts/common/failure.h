// File: common/failure.h
//
// Why a host does not start, or did not end well, in words for whoever started it.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"

namespace mcpgate::hosts {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct Failure {
  int code = kFailed;
  std::string what;
  std::string todo;
};
using Result = std::optional<Failure>;  ///< nullopt: all is well

inline std::string Message(const absl::Status& status) { return std::string(status.message()); }

}  // namespace mcpgate::hosts
