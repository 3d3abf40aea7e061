// File: admin/request_check.h
//
// Whether a request fits its endpoint's row: query, body and conditions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "admin/endpoint.h"
#include "admin/problem.h"
#include "tool/compiled_schema.h"

namespace mcpgate::admin {

/// What was sent, copied from the request's views.
struct RawRequest {
  Values path;
  Values query;
  std::string body;
  // Headers; an empty one is there, and malformed.
  std::optional<std::string> if_match, idempotency_key, last_event;
};

/// What was sent, read.
struct CheckedRequest {
  Json body;
  std::optional<std::int64_t> if_version;
  std::optional<std::uint64_t> last_event;
};

/// RequestCheck
///
/// The schemas of one endpoint, compiled. Immutable; safe for concurrent use.
class RequestCheck {
 public:
  /// InvalidArgument: a schema of the row is malformed.
  static absl::StatusOr<RequestCheck> Of(const Endpoint& endpoint);
  std::variant<CheckedRequest, Problem> Check(const RawRequest& raw) const;

 private:
  std::optional<Problem> CheckQuery(const Values& query) const;
  std::optional<Problem> CheckBody(const std::string& text, Json& body) const;

  std::map<std::string, bool, std::less<>> is_integer_;  // of the query's parameters
  std::shared_ptr<const CompiledSchema> query_, body_;
  bool takes_condition_ = false, takes_key_ = false, is_stream_ = false;
};

/// `"v7"` of a version.
std::string VersionTag(std::int64_t version);

}  // namespace mcpgate::admin
