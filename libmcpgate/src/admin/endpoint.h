// File: admin/endpoint.h
//
// One row of the table that dispatches REST requests and from which the OpenAPI document is made.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "admin/cookie.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate::admin {

/// A name and its value, of a path or a query; decoded.
using Values = std::map<std::string, std::string, std::less<>>;

/// Names and values for the audit trail.
using RecordFields = std::vector<std::pair<std::string, std::string>>;

/// One call that the gate has admitted, its parts checked against the endpoint's row.
struct ApiRequest {
  const Principal& caller;
  const Credentials& credentials;  ///< what the caller showed
  TenantScope scope;
  Values path{};
  Values query{};
  Json body{};                               ///< an object; empty when the endpoint takes none
  std::optional<std::int64_t> if_version{};  ///< of If-Match
  std::string csrf_token{};                  ///< of the browser's session that asks; empty: it is none

  /// "" when it is not there.
  std::string_view Path(std::string_view name) const;
  std::string_view Query(std::string_view name) const;
  /// Of a query parameter whose schema is an integer; `fallback` when it is not there.
  std::int64_t Number(std::string_view name, std::int64_t fallback) const;
};

/// What an endpoint says when all went well; anything else is a Status.
struct ApiAnswer {
  Json body{};                            ///< null: no content
  std::optional<std::int64_t> version{};  ///< becomes the ETag
  std::string location{};                 ///< of what was made
  RecordFields audit_fields{};            ///< what was made or touched
  std::optional<SessionCookie> cookie{};
};

struct QueryParameter {
  std::string name;
  Json schema;  ///< of its value; {"type":"integer", ...} or {"type":"string", ...}
  std::string description;
};

/// A call by somebody who shows no key.
struct OpenRequest {
  std::string peer{};  ///< where it came from, for the trail
  std::string
      address{};  ///< the same; empty when it was passed on by somebody who is not known to tell the truth
  Json body{};    ///< checked against the endpoint's row
};

using EndpointRun = std::function<absl::StatusOr<ApiAnswer>(const ApiRequest&)>;

struct Endpoint {
  std::string_view method;
  std::string path;       ///< "/v1/admin/api-keys/{id}:rotate"
  std::string operation;  ///< "rotateApiKey"; unique
  std::string action;     ///< what policy and audit trail call it: "admin.keys.rotate"
  std::string_view tag;   ///< the chapter of the document
  std::string_view summary;
  Role role = Role::kAdmin;
  bool effect = true;
  std::vector<QueryParameter> query{};
  std::optional<Json> body{};  ///< JSON Schema of the request's body, an object
  /// Members of the body and of the query that the trail gets in clear with the intent; never a secret.
  std::vector<std::string_view> recorded{};
  int status = 200;             ///< when all went well
  std::string answers{};        ///< the component schema of the answer; empty: no content
  bool is_socket = false;       ///< a WebSocket, which is a stream too
  bool is_stream = false;       ///< answers events (text/event-stream); `run` is not asked
  bool has_version = false;     ///< answers an ETag; a change takes If-Match
  std::vector<int> problems{};  ///< what it may answer beside those of every endpoint
  bool opens_session = false;   ///< the caller's key is in the body, as `key`; the request shows no other
  EndpointRun run{};
  /// Instead of `run`: needs no key, and records by itself what is to be recorded.
  std::function<absl::StatusOr<ApiAnswer>(const OpenRequest&)> run_open{};

  bool IsForStrangers() const { return opens_session || run_open != nullptr; }
};

/// What is recorded of a request before anything is done: the names in its path, and what the endpoint says.
RecordFields FieldsOf(const Endpoint& endpoint, const Values& path, const Values& query, const Json& body);

/// Whether it changes what has a version.
bool TakesCondition(const Endpoint& endpoint);
/// Whether a repetition would do more than the first.
bool TakesIdempotencyKey(const Endpoint& endpoint);
inline constexpr char kVersionTagPattern[] = "^(W/)?\"v[0-9]{1,18}\"$";
inline constexpr char kIdempotencyKeyPattern[] = "^[!-~]{1,200}$";

/// What an answer consists of, by name; the components of the document.
using ComponentSchemas = std::map<std::string, Json, std::less<>>;

struct Api {
  std::vector<Endpoint> endpoints;
  ComponentSchemas schemas;
};

}  // namespace mcpgate::admin
