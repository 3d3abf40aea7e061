// File: admin/problem.h
//
// What went wrong, as problem details (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/http_message.h"
#include "mcpgate/json.h"

namespace mcpgate::admin {

/// One member of the request that does not fit.
struct Misfit {
  std::string pointer;  ///< RFC 6901 into the body, or "?limit" of the query
  std::string message;
};

struct Problem {
  int status = 500;
  std::string detail{};  ///< what, where, and what to do
  std::vector<Misfit> misfits{};
};

/// The reason phrase of a status this service answers with.
std::string_view TitleOf(int status);
HttpResponse ProblemAnswer(const Problem& problem);
/// One with nothing but a status and its detail.
HttpResponse PlainProblem(int status, std::string detail);
/// A Refusal keeps its code, its waiting time and the limit's headers. `has_condition`: the request had an
/// If-Match, so a row that has changed is 412 and not 409.
HttpResponse ProblemAnswer(const absl::Status& status, bool has_condition = false);
/// The JSON Schema of a problem.
Json ProblemSchema();

}  // namespace mcpgate::admin
