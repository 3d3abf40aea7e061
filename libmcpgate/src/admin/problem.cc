#include "admin/problem.h"

#include <utility>

#include "mcpgate/gate.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::admin {
namespace {

int StatusOf(const absl::Status& status, bool has_condition) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
      return has_condition ? 412 : 409;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:  // a bound of the row itself, such as keys of one principal
      return 409;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return 503;
    default:
      return 500;
  }
}

HttpResponse Say(int status, Json document) {
  document["status"] = status;
  document["title"] = TitleOf(status);
  document["type"] = "about:blank";
  return {.status = status,
          .headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
          .body = DumpJson(document)};
}

// The codes are HTTP statuses times a hundred; see Refusal::Code.
HttpResponse SayRefusal(const Refusal& refusal) {
  const int status = refusal.code / 100;
  HttpResponse answer = Say(status, {{"detail", refusal.message}, {"code", static_cast<int>(refusal.code)}});
  if (status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (refusal.retry_after <= Nanos(0)) return answer;
  AddLimitHeaders({.name = refusal.policy, .limit = refusal.limit, .window = refusal.window},
                  refusal.retry_after, answer);
  return answer;
}

}  // namespace

std::string_view TitleOf(int status) {
  static constexpr std::pair<int, std::string_view> kTitles[] = {{101, "Switching Protocols"},
                                                                 {200, "OK"},
                                                                 {201, "Created"},
                                                                 {204, "No Content"},
                                                                 {400, "Bad Request"},
                                                                 {401, "Unauthorized"},
                                                                 {402, "Payment Required"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {409, "Conflict"},
                                                                 {412, "Precondition Failed"},
                                                                 {413, "Content Too Large"},
                                                                 {415, "Unsupported Media Type"},
                                                                 {422, "Unprocessable Content"},
                                                                 {426, "Upgrade Required"},
                                                                 {429, "Too Many Requests"},
                                                                 {500, "Internal Server Error"},
                                                                 {503, "Service Unavailable"}};
  for (const auto& [known, title] : kTitles) {
    if (known == status) return title;
  }
  return "Error";
}

HttpResponse ProblemAnswer(const Problem& problem) {
  Json document = {{"detail", problem.detail}};
  for (const Misfit& misfit : problem.misfits) {
    document["errors"].push_back({{"pointer", misfit.pointer}, {"detail", misfit.message}});
  }
  return Say(problem.status, std::move(document));
}

HttpResponse PlainProblem(int status, std::string detail) {
  return ProblemAnswer(Problem{.status = status, .detail = std::move(detail)});
}

HttpResponse ProblemAnswer(const absl::Status& status, bool has_condition) {
  if (const std::optional<Refusal> refusal = RefusalOf(status)) return SayRefusal(*refusal);
  return ProblemAnswer(
      Problem{.status = StatusOf(status, has_condition), .detail = std::string(status.message())});
}

Json ProblemSchema() {
  const Json text = {{"type", "string"}};
  return {{"type", "object"},
          {"description", "Problem details, RFC 9457."},
          {"required", {"type", "title", "status", "detail"}},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"detail", text},
            {"code", {{"type", "integer"}, {"description", "why the gate said no"}}},
            {"errors",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"pointer", "detail"}},
                {"properties", {{"pointer", text}, {"detail", text}}}}}}}}}};
}

}  // namespace mcpgate::admin
