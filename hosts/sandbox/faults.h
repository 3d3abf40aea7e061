// Faults waiting for the requests they are meant for.
#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "sandbox/http_message.h"
#include "sandbox/sandbox.h"

namespace mcpgate::sandbox {

/// Faults
///
/// Not thread-safe.
class Faults {
 public:
  void Add(SandboxRoute route, SandboxFault fault);
  void Clear() { waiting_.clear(); }
  /// The oldest fault for this request, used up by one.
  std::optional<SandboxFault> Take(std::string_view method, std::string_view path);

 private:
  struct Waiting {
    SandboxRoute route;
    SandboxFault fault;
  };
  std::deque<Waiting> waiting_;
};

/// Whether the request is carried out at all under `fault`.
bool IsCarriedOut(const SandboxFault& fault);
/// `real` (the true answer, or an empty one when the request was not carried out) as `fault` leaves it.
HttpAnswer Spoil(const SandboxFault& fault, HttpAnswer real);

}  // namespace mcpgate::sandbox
