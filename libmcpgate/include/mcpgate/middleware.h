// File: middleware.h
//
// What an embedder, or a host, puts around every request: to count, to log, to refuse, to change an answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/answer.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// A request whose method is served in its revision. Views, for as long as `Before` runs.
struct RequestView {
  std::string_view method;    ///< "tools/call"
  std::string_view name;      ///< of the tool or prompt, the resource's URI, the task's id; else empty
  std::string_view revision;  ///< "2026-07-28"
  std::string_view trace_parent;
  const Json& params;  ///< an object, without `_meta`; not checked against anything yet
  const Credentials& credentials;
};

/// The same request when it is answered.
struct AnsweredRequest {
  std::string method{};
  std::string name{};
  std::string_view revision{};
  std::string trace_parent{};
  Nanos took{0};  ///< since `Before`, waiting for threads and people included
};

/// Middleware
///
/// One layer around all methods. Called from any thread, several at once. Must not throw and not wait:
/// `Before` runs on the thread that reads requests.
class MCPGATE_EXPORT Middleware {
 public:
  virtual ~Middleware() = default;
  /// Before the gate, so the key may not be a valid one (over HTTP it is, by then). nullopt lets the request
  /// go on; a refusal is its answer.
  virtual std::optional<Refusal> Before(const RequestView& request);
  /// Once for each request that this layer's `Before` let go on, before its client hears the answer, which
  /// may be changed. `answer.message` is empty when the client cancelled the request.
  virtual void After(const AnsweredRequest& request, ServerAnswer& answer);
};

}  // namespace mcpgate
