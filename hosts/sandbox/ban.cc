#include "sandbox/ban.h"

#include <chrono>

namespace mcpgate::sandbox {
namespace {

constexpr std::chrono::minutes kWindow{10};

bool IsRefusal(const HttpAnswer& answer) {
  if (answer.status == 401 || answer.status == 403) return true;
  const std::string* scope = FindHeader(answer.headers, "X-RateLimit-Scope");
  return answer.status == 429 && (scope == nullptr || *scope != "shared");
}

}  // namespace

bool Ban::Stands() {
  if (options_.clock->Steady() >= window_ends_) refused_ = 0;
  return options_.rate_limits && refused_ >= options_.invalid_before_ban;
}

void Ban::Count(const HttpAnswer& answer) {
  if (!IsRefusal(answer)) return;
  if (refused_++ == 0) window_ends_ = options_.clock->Steady() + kWindow;
}

}  // namespace mcpgate::sandbox
