// File: protocol/tool_call.h
//
// One tools/call: admitted by the gate, run by the server, answered here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "base/mutex.h"
#include "mcpgate/gate.h"
#include "mcpgate/tool.h"
#include "protocol/flight.h"
#include "protocol/message.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"
#include "tool/registered_tool.h"

namespace mcpgate {

/// ToolCall
///
/// CallContext's side is safe for concurrent use; `Cancel` may come from any thread; the rest belongs to
/// whoever runs the call.
class ToolCall final : public CallContext {
 public:
  /// Where progress goes; one JSON-RPC message a call.
  using Notify = std::function<void(std::string)>;

  ToolCall(const Surroundings& around, Request request, const RegisteredTool& tool, Admission admission,
           std::shared_ptr<Flight> flight, Notify notify);

  const Tool& tool() const { return tool_.tool(); }
  const Json& arguments() const { return arguments_; }

  /// A result that says what is wrong with the arguments; nullopt when they fit.
  std::optional<ToolResult> CheckArguments() const;
  /// Settles the call with the gate and writes its answer; empty when it was cancelled.
  std::string Complete(absl::StatusOr<ToolResult> result);

  const Principal& principal() const override { return admission_.principal(); }
  const std::string& call_id() const override { return admission_.call(); }
  std::stop_token stop_token() const override { return flight_->stop_token(); }
  Nanos deadline() const override { return flight_->deadline(); }
  void Progress(double progress, std::optional<double> total, std::string_view message) override;
  bool Permits(std::string_view resource) const override { return admission_.Permits(resource); }
  absl::Status Authorize(std::string_view resource) override { return admission_.Authorize(resource); }
  absl::StatusOr<Json> LimitStandings(std::string_view limit_class) const override;

 private:
  std::string Answer(const absl::StatusOr<ToolResult>& result) const;
  absl::Status CheckOutput(const ToolResult& result) const;

  const Surroundings& around_;
  Request request_;
  const RegisteredTool& tool_;
  const Json arguments_;
  Admission admission_;
  const std::shared_ptr<Flight> flight_;
  const Notify notify_;

  // Held while a notification is handed over, so that none overtakes another or the answer.
  Mutex mutex_;
  bool answered_ = false;
  std::optional<double> last_progress_;
};

/// The answer to tools/call: a call to run, or why there is none.
std::variant<std::unique_ptr<ToolCall>, Rejection> AdmitToolCall(const Surroundings& around, Request request,
                                                                 const Credentials& credentials,
                                                                 std::shared_ptr<Flight> flight,
                                                                 ToolCall::Notify notify);

}  // namespace mcpgate
