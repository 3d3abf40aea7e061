// File: protocol/task_host.h
//
// Calls that go on as tasks (2026-07-28, extension io.modelcontextprotocol/tasks), as the call sees them.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/call_context.h"
#include "mcpgate/principal.h"
#include "protocol/flight.h"
#include "protocol/message.h"

namespace mcpgate {

/// RunningTask
///
/// Its end is told once: Complete, Fail or Cancelled. Safe for concurrent use.
class RunningTask {
 public:
  virtual ~RunningTask() = default;
  /// The members of the result that begins it.
  virtual Json Created() const = 0;
  /// Puts the questions to whoever asks about the task, and waits for the answers. Cancelled when `stop`
  /// comes first.
  virtual absl::StatusOr<std::vector<Json>> Ask(std::span<const InputRequest> requests,
                                                std::stop_token stop) = 0;
  /// `result` is the JSON text of the result object. One with isError is a task that completed.
  virtual void Complete(std::string result) = 0;
  virtual void Fail(const Rejection& rejection) = 0;
  virtual void Cancelled() = 0;
};

/// TaskHost
///
/// Safe for concurrent use.
class TaskHost {
 public:
  virtual ~TaskHost() = default;
  /// A task that can be asked about from now on, after a restart too where tasks are kept for longer: waits
  /// for the store. ResourceExhausted: there are too many. Unavailable: the store does not answer.
  virtual absl::StatusOr<std::shared_ptr<RunningTask>> Begin(const Principal& owner,
                                                             const TaskOptions& options,
                                                             std::shared_ptr<Flight> flight) = 0;
};

}  // namespace mcpgate
