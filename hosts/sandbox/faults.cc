#include "sandbox/faults.h"

#include <fmt/format.h>

#include <utility>

#include "sandbox/buckets.h"

namespace mcpgate {

SandboxFault SandboxFault::Status(int status) {
  return {
      .status = status,
      .body = fmt::format("<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n", status),
      .content_type = "text/html"};
}

SandboxFault SandboxFault::CloudflareBan() {
  return {.status = 429,
          .body =
              "<!DOCTYPE html><html><head><title>Access denied | Error 1015</title></head>"
              "<body>You are being rate limited</body></html>\n",
          .content_type = "text/html; charset=UTF-8",
          .headers = {{"Retry-After", "3600"}, {"Server", "cloudflare"}}};
}

SandboxFault SandboxFault::RateLimited(std::string_view scope, std::chrono::milliseconds retry_after) {
  sandbox::HttpAnswer answer = sandbox::RateLimitedAnswer(scope, retry_after);
  answer.headers.emplace_back("Via", "1.1 google");
  return {.status = 429, .body = std::move(answer.body), .headers = std::move(answer.headers)};
}

SandboxFault SandboxFault::CutBeforeCommit() { return {.cut = Cut::kBeforeAnswer}; }
SandboxFault SandboxFault::CutAfterCommit() { return {.commit = true, .cut = Cut::kBeforeAnswer}; }
SandboxFault SandboxFault::Delay(std::chrono::milliseconds delay) { return {.delay = delay}; }

namespace sandbox {
namespace {

HttpAnswer::Cut CutOf(SandboxFault::Cut cut) {
  switch (cut) {
    case SandboxFault::Cut::kBeforeAnswer:
      return HttpAnswer::Cut::kBeforeAnswer;
    case SandboxFault::Cut::kInAnswer:
      return HttpAnswer::Cut::kInAnswer;
    case SandboxFault::Cut::kNo:
      break;
  }
  return HttpAnswer::Cut::kNo;
}

bool Matches(const SandboxRoute& route, std::string_view method, std::string_view path) {
  return (route.method.empty() || route.method == method) && path.find(route.path_part) != path.npos;
}

}  // namespace

void Faults::Add(SandboxRoute route, SandboxFault fault) {
  if (fault.times > 0) waiting_.push_back({std::move(route), std::move(fault)});
}

std::optional<SandboxFault> Faults::Take(std::string_view method, std::string_view path) {
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (!Matches(it->route, method, path)) continue;
    SandboxFault fault = it->fault;
    if (--it->fault.times == 0) waiting_.erase(it);
    return fault;
  }
  return std::nullopt;
}

bool IsCarriedOut(const SandboxFault& fault) {
  return fault.commit || (fault.status == 0 && fault.cut != SandboxFault::Cut::kBeforeAnswer);
}

HttpAnswer Spoil(const SandboxFault& fault, HttpAnswer real) {
  HttpAnswer answer = std::move(real);
  if (fault.status != 0) {
    answer.status = fault.status;
    answer.body = fault.body;
    answer.content_type = fault.content_type;
    answer.headers = fault.headers;
  } else {
    answer.headers.insert(answer.headers.end(), fault.headers.begin(), fault.headers.end());
  }
  answer.cut = CutOf(fault.cut);
  answer.delay += fault.delay;
  return answer;
}

}  // namespace sandbox
}  // namespace mcpgate
