// File: admin.h
//
// Administration over REST, as an HttpHandler that any HTTP server can mount: keys, people, sessions, limits
// and the audit trail below /v1, its OpenAPI document at /openapi.json and a page to read it at /docs
// (component "http"). Every request passes the gate: it is authenticated, authorized by the policy under a
// name of its own
// ("admin.keys.create"), limited and recorded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/http.h"
#include "mcpgate/json.h"
#include "mcpgate/key_store.h"
#include "mcpgate/ledger.h"
#include "mcpgate/registry.h"
#include "mcpgate/token_files.h"

namespace mcpgate {

/// The resource that makes an administrator the operator: a key that has it sees every tenant, any other only
/// its own. Nobody can grant over REST what their own key has not.
inline constexpr char kOperatorResource[] = "mcpgate:operator";

/// Tokens as files for clients on this machine, beside being in answers.
struct TokenDelivery {
  std::shared_ptr<TokenFiles> files{};  ///< null: in answers alone
  /// The client's configuration for a server called `name` ("mcpgate-claude-desktop") whose token is in the
  /// file at `path`: an object, part of the answer.
  std::function<Json(const std::string& name, const std::string& path)> config{};
};

struct AdminApiOptions {
  Gate* gate = nullptr;                        ///< outlives the handler
  Keyring* keyring = nullptr;                  ///< the gate's
  std::shared_ptr<AuditTrail> trail{};         ///< null: no questions about the trail
  std::shared_ptr<Ledger> ledger{};            ///< null: no budgets
  std::shared_ptr<const Registry> registry{};  ///< says what role tools ask for; null: requests must
  TokenDelivery tokens{};
  /// Where the making of the first administrator, whom no gate can know yet, is recorded. Null: there is no
  /// bootstrap over REST.
  std::shared_ptr<AuditSink> bootstrap_audit{};
  std::function<void()> on_bootstrap{};  ///< after the token was spent, on any thread; may be empty
  /// As of StreamableHttpOptions.
  std::vector<std::string> allowed_hosts{};
  std::vector<std::string> allowed_origins{};
  const Clock* clock = &Clock::System();
};

/// Whether `target` is the business of NewAdminApi's handler.
MCPGATE_EXPORT bool IsAdminTarget(std::string_view target);

/// AdminApi
///
/// Safe for concurrent use.
class MCPGATE_EXPORT AdminApi : public HttpHandler {
 public:
  /// Ends the streams of those who watch the trail, as a server does that is about to stop.
  virtual void EndStreams() = 0;
};

/// The handler. Requests wait for the store on threads of its own, four. Answers in JSON, refuses with
/// problem details (RFC 9457). InvalidArgument: gate or keyring is missing.
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<AdminApi>> NewAdminApi(AdminApiOptions options);
/// The OpenAPI 3.1 document, compact text; the same as at /openapi.json.
MCPGATE_EXPORT std::string AdminOpenApi();

}  // namespace mcpgate
