#include "protocol/target.h"

namespace mcpgate {
namespace {

using Find = std::variant<std::unique_ptr<Target>, Rejection> (*)(const Catalog&, Request&);

struct Row {
  std::string_view method;
  Find find;
};

constexpr Row kCalls[] = {
    {"tools/call", FindTool},
    {"resources/read", FindResource},
    {"prompts/get", FindPrompt},
    {"completion/complete", FindCompletion},
};

const Row* FindRow(std::string_view method) {
  for (const Row& row : kCalls) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

}  // namespace

bool IsCall(std::string_view method) { return FindRow(method) != nullptr; }

std::variant<std::unique_ptr<Target>, Rejection> FindTarget(const Catalog& catalog, Request& request) {
  const Row* row = FindRow(request.method);
  if (row == nullptr) return Rejection(ErrorCode::kMethodNotFound, "this method is no call");
  return row->find(catalog, request);
}

}  // namespace mcpgate
