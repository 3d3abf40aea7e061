#include "sandbox/reply.h"

#include <fmt/format.h>

namespace mcpgate::sandbox {

Reply Problem(int status, int code, std::string_view message) {
  return {status, {{"message", message}, {"code", code}}};
}

void FormErrors::Add(std::string_view path, std::string_view code, std::string_view message) {
  Json* node = &tree_;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    node = &(*node)[std::string(path.substr(0, end))];
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  (*node)["_errors"].push_back({{"code", code}, {"message", message}});
}

void FormErrors::AddMaxLength(std::string_view path, int limit) {
  Add(path, "BASE_TYPE_MAX_LENGTH", fmt::format("Must be {} or fewer in length.", limit));
}

Reply FormErrors::ToReply() const {
  Reply reply = Problem(400, 50035, "Invalid Form Body");
  reply.body["errors"] = tree_;
  return reply;
}

}  // namespace mcpgate::sandbox
