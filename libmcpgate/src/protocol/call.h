// File: protocol/call.h
//
// One admitted tools/call, prompts/get or resources/read: run by the server, answered here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/answer.h"
#include "mcpgate/call_context.h"
#include "mcpgate/gate.h"
#include "protocol/flight.h"
#include "protocol/input_state.h"
#include "protocol/message.h"
#include "protocol/peer.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"
#include "protocol/target.h"
#include "protocol/task_host.h"

namespace mcpgate {

/// What connects a call to its client.
struct CallWires {
  std::shared_ptr<ReplySink> reply;          ///< for messages that come before the answer; null: none
  std::shared_ptr<Peer> peer;                ///< null: no client of the 2025 era that could be asked
  TaskHost* tasks = nullptr;                 ///< null: the call cannot go on as a task
  std::function<void(ServerAnswer)> answer;  ///< answers before the end, once; set with `tasks`
};

/// Call
///
/// CallContext's side is safe for concurrent use; the rest belongs to whoever runs the call.
class Call final : public CallContext {
 public:
  Call(const Surroundings& around, Request request, std::unique_ptr<Target> target, Admission admission,
       InputState inputs, std::shared_ptr<Flight> flight, CallWires wires);

  /// Runs the handler, whose exceptions come through.
  absl::StatusOr<Finished> Run() { return target_->Run(*this, request_.revision); }
  /// Settles the call with the gate and writes its answer; no message when it was cancelled.
  ServerAnswer Complete(absl::StatusOr<Finished> result);

  const Principal& principal() const override { return admission_.principal(); }
  const std::string& call_id() const override { return admission_.call(); }
  std::string_view trace_parent() const override { return request_.trace_parent; }
  std::stop_token stop_token() const override { return flight_->stop_token(); }
  Nanos deadline() const override { return flight_->deadline(); }
  void Progress(double progress, std::optional<double> total, std::string_view message) override;
  void Log(LogLevel level, Json data, std::string_view logger) override;
  bool Permits(std::string_view resource) const override { return admission_.Permits(resource); }
  absl::Status Authorize(std::string_view resource) override { return admission_.Authorize(resource); }
  absl::StatusOr<Json> LimitStandings(std::string_view limit_class) const override;
  bool CanAsk(const InputRequest& request) const override;
  absl::StatusOr<std::vector<Json>> AskAll(std::span<const InputRequest> requests) override;
  absl::Status ContinueAsTask(const TaskOptions& options) override;

 private:
  absl::StatusOr<std::vector<Json>> AskInRounds(std::span<const InputRequest> requests);
  absl::StatusOr<std::vector<Json>> AskPeer(std::span<const InputRequest> requests);
  void EndTask(absl::StatusOr<Finished> result, bool cancelled);
  void SayLimit(ServerAnswer& answer) const;
  bool WaitsForInput() const;
  std::variant<std::string, Rejection> Say(absl::StatusOr<Finished> result) const;
  ServerAnswer Answer(absl::StatusOr<Finished> result);
  ServerAnswer AskAgain();
  ServerAnswer Reject(Rejection rejection) const;
  ServerAnswer Result(std::string_view members) const;

  const Surroundings& around_;
  const Request request_;
  const std::unique_ptr<Target> target_;
  Admission admission_;
  const std::shared_ptr<Flight> flight_;
  const CallWires wires_;

  // Held while a notification is handed over, so that none overtakes another or the answer.
  Mutex mutex_;
  bool answered_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::optional<double> last_progress_ MCPGATE_GUARDED_BY(mutex_);

  // What was asked, and what is known of it (2026 era).
  mutable Mutex inputs_mutex_;
  InputState inputs_ MCPGATE_GUARDED_BY(inputs_mutex_);
  std::map<std::string, InputRequest> pending_ MCPGATE_GUARDED_BY(inputs_mutex_);

  std::shared_ptr<RunningTask> task_;  // of the handler's thread; null: an ordinary call
};

/// A call to run, or why there is none. The only caller of Gate::Admit in the library.
std::variant<std::unique_ptr<Call>, Rejection> AdmitCall(const Surroundings& around, Request request,
                                                         std::unique_ptr<Target> target,
                                                         const Credentials& credentials,
                                                         std::shared_ptr<Flight> flight, CallWires wires);

}  // namespace mcpgate
